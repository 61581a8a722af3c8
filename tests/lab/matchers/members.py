"""Runs that an ensemble can be made of, with weights as they began."""

from safetensors.torch import save_file

from earmark.lab.matchers import new_matcher

RECIPE = """
name = "{name}"
task = "retrieve"
[features]
audio = ["{tower}"]
[matcher]
name = "{matcher}"
width = {width}
{settings}
"""


def member_run(folder, widths, variant, width, tower="efficientat_mn04", change=None):
    """Write the run of a matcher, a name and settings; tell where it is."""
    name, settings = variant
    made = new_matcher(name, widths, width=width, **settings)
    if change:
        change(made)
    folder.mkdir()
    told = "\n".join(f"{key} = {_in_toml(value)}" for key, value in settings.items())
    recipe = RECIPE.format(name=folder.name, tower=tower, matcher=name, width=width, settings=told)
    (folder / "recipe.toml").write_text(recipe, encoding="utf-8")
    weights = {f"matcher.{key}": value.contiguous() for key, value in made.state_dict().items()}
    save_file(weights, folder / "model.safetensors")
    return str(folder)


def _in_toml(value):
    return str(value).lower() if isinstance(value, bool) else repr(value)
