// The text of a query: its filters apart from the rest, and what the buttons of the page add to it.

export const FILTERS = ["in", "tag", "ucs", "longer", "shorter", "newer"];
const MARKS = '"“”„';
// What stands in quotes is skipped, so that a filter in it is none.
const PIECE = new RegExp(
  `(@?[${MARKS}][^${MARKS}]*[${MARKS}])|(?<=^|\\s)(${FILTERS.join("|")}):(?:[${MARKS}]([^${MARKS}]*)[${MARKS}]|(\\S*))`,
  "gi",
);

const tidy = (text) => text.replace(/\s+/g, " ").trim();

// [{name, value}] in the order in which they were typed
export function filtersOf(query) {
  const found = [...query.matchAll(PIECE)].filter(([, quoted]) => quoted === undefined);
  return found.map(([, , name, held, bare]) => ({ name: name.toLowerCase(), value: held ?? bare }));
}

export function withoutFilters(query, wanted = FILTERS) {
  return tidy(
    query.replace(PIECE, (whole, quoted, name) =>
      quoted === undefined && wanted.includes(name.toLowerCase()) ? " " : whole,
    ),
  );
}

export function filtersAlone(query) {
  return filtersOf(query).map(written).join(" ");
}

// Another value for a filter; an empty one takes it away.
export function withFilter(query, name, value) {
  const rest = withoutFilters(query, [name]);
  const clean = tidy(value.replace(new RegExp(`[${MARKS}]`, "g"), ""));
  return clean ? tidy(`${rest} ${written({ name, value: clean })}`) : rest;
}

const written = ({ name, value }) => `${name}:${/\s/.test(value) ? `"${value}"` : value}`;

// More of a hit, or less of it; without words, more of it is the whole query.
export function withMore(query, like) {
  return withoutFilters(query) ? `${query} + ${like}` : tidy(`${like} ${query}`);
}

export const withLess = (query, like) => `${query} - ${like}`;
