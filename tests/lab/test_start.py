import pytest

torch = pytest.importorskip("torch", reason="training needs torch: pip install 'earmark[lab]'")

from safetensors.torch import save_file

from earmark.errors import DataError
from earmark.lab.start import WEIGHTS, load_part, load_shared, read_weights


@pytest.fixture
def run(tmp_path):
    """Weights of a model of two parts, as its run keeps them."""
    weights = {"ears.weight": torch.tensor([[1.0, 2.0]]), "ears.bias": torch.tensor([3.0])}
    save_file({**weights, "words.weight": torch.tensor([[9.0]])}, tmp_path / WEIGHTS)
    return tmp_path


def test_weights_are_read_from_a_run_or_from_a_file(run):
    assert read_weights(run).keys() == read_weights(run / WEIGHTS).keys()
    assert len(read_weights(str(run))) == 3


def test_one_part_of_a_model_is_loaded(run):
    module = torch.nn.Linear(2, 1)

    load_part(module, run, "ears")

    assert module.weight.tolist() == [[1.0, 2.0]]
    assert module.bias.tolist() == [3.0]


def test_a_run_of_a_part_alone_is_loaded_whole(tmp_path):
    save_file({"weight": torch.tensor([[4.0]])}, tmp_path / WEIGHTS)
    module = torch.nn.Linear(1, 1, bias=False)

    load_part(module, tmp_path, "ears")

    assert module.weight.item() == 4.0


@pytest.mark.parametrize(
    ("module", "part", "odd"),
    [
        (torch.nn.Linear(3, 1), "ears", "weight"),
        (torch.nn.Linear(2, 1, bias=False), "ears", "bias"),
        (torch.nn.Linear(2, 1), "words", "weight, bias"),
        (torch.nn.Linear(2, 1), "none", "weight, bias, ears.bias, ears.weight"),
    ],
)
def test_weights_that_do_not_fit_are_refused_and_named(run, module, part, odd):
    before = [one.clone() for one in module.state_dict().values()]

    with pytest.raises(DataError, match="do not fit this recipe: ") as error:
        load_part(module, run, part)

    named = error.value.problem.partition("recipe: ")[2].split(", ")
    assert sorted(named) == sorted(odd.split(", "))
    assert "same sizes" in error.value.hint
    for one, old in zip(module.state_dict().values(), before, strict=True):
        assert torch.equal(one, old)


def test_weights_that_are_not_there_get_two_lines(tmp_path):
    with pytest.raises(DataError, match="no weights to start from") as error:
        read_weights(tmp_path)

    assert len(str(error.value).splitlines()) == 2


def test_damaged_weights_get_two_lines(run):
    (run / WEIGHTS).write_bytes(b"nonsense")

    with pytest.raises(DataError, match="holds no weights") as error:
        read_weights(run)

    assert len(str(error.value).splitlines()) == 2


def test_a_module_that_has_more_keeps_what_is_its_own(run):
    module = torch.nn.ModuleDict({"weigh": torch.nn.Linear(1, 1)})
    module.weight, module.bias = (torch.nn.Parameter(torch.zeros(n)) for n in ((1, 2), (1,)))
    own = module["weigh"].weight.clone()

    load_shared(module, run, "ears")

    assert module.weight.tolist() == [[1.0, 2.0]]
    assert module.bias.tolist() == [3.0]
    assert torch.equal(module["weigh"].weight, own)


@pytest.mark.parametrize(
    ("module", "odd"),
    [(torch.nn.Linear(3, 1), "weight"), (torch.nn.Linear(2, 1, bias=False), "bias")],
)
def test_what_stands_there_must_fit_it_whole(run, module, odd):
    with pytest.raises(DataError, match=f"do not fit this recipe: {odd}") as error:
        load_shared(module, run, "ears")

    assert len(str(error.value).splitlines()) == 2


def test_a_run_without_that_part_is_refused(tmp_path):
    save_file({}, tmp_path / WEIGHTS)

    with pytest.raises(DataError, match="do not fit this recipe: matcher"):
        load_shared(torch.nn.Linear(2, 1), tmp_path, "matcher")
