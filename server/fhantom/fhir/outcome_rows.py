"""Rows for what the readers of bodies and of searches refuse (`ParseRefusal`, `SearchRefusal`).

Numbers, status and issue code are the real server's; the words are ours and name the same element and value.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Row:
    """One refusal.

    Attributes:
        status: the HTTP status.
        words: what follows the number; `{name}` fields are filled by whoever refuses.
        code: the issue code (FHIR value set issue-type).
        prefix: another number that stands in front, as the real server wraps one refusal in another.
        in_batch: the numbers that stand in front where the refusal is that of a batch's entry alone.
    """

    status: int
    words: str
    code: str = "processing"
    prefix: str = ""
    in_batch: tuple[str, ...] = ()


# What is wrong with a body; the refusal that is told is 0450 (or 1271 of a patch) around these words.
PARSING = {
    1684: '"{value}" is no resource type',
    1755: "the narrative is no well-formed XHTML: {detail}",
    1811: "the extension {value} has a value and extensions, where only one may be",
    1814: 'a resource of type "{expected}" belongs here, not of type "{value}"',
    1820: "the element '{element}' is an object, not text",
    1823: "the element '{element}' has several values, where only one may be",
    1825: "there is no element '{element}'",
    1821: '[element="{element}"] the value "{value}" cannot stand there: {detail}',
    1838: "the element 'resourceType' is absent",
    1841: "the element '{element}' is no list of objects",
    1842: "the element '{element}' is a list, where only one object may be",
    1843: "the element 'resourceType' is absent from a resource within",
    1852: "the XML cannot be read: {detail}",
    1857: "there is nothing to read",
    1859: "what begins with '{value}' is no JSON object",
    1861: "the JSON cannot be read: {detail}",
}

_VALID = "the parameters there are: [{valid}]"

SEARCHING = {
    "0441": Row(400, "{parameter} takes no comma list: {value}"),
    "0488": Row(400, "the condition [{url}] cannot be understood: {type} has no parameter {parameter}"),
    "0524": Row(400, '{type} has no search parameter "{parameter}"; ' + _VALID),
    "0983": Row(405, "_contained={value} is not known to this server"),
    "0984": Row(405, "_contained is switched off on this server"),
    "1101": Row(400, "the reference names no id: {value}"),
    "1192": Row(400, "full text is not indexed on this server, so {parameter} cannot be answered"),
    "1194": Row(400, '{type} cannot be sorted by "{parameter}"; ' + _VALID),
    "1208": Row(400, "_has names {type}, which is no resource type"),
    "2305": Row(400, "_has follows {parameter}, which refers to nothing"),
    "1209": Row(400, "_has names a parameter that is none: {parameter}"),
    "1216": Row(400, "_source is switched off on this server"),
    "1052": Row(400, "a character in the _filter is none that can stand there: {value}", prefix="1221"),
    "1055": Row(400, "a text in the _filter is empty: {value}", prefix="1221"),
    "1056": Row(400, "the _filter goes on after its end: {value}", prefix="1221"),
    "1057": Row(400, "a bracket of the _filter is not closed: {value}", prefix="1221"),
    "1058": Row(400, "what stands after a bracket of the _filter joins nothing: {value}", prefix="1221"),
    "1059": Row(400, "the _filter joins comparisons by and, or, not: {value}", prefix="1221"),
    "1063": Row(400, "an operator is missing in the _filter: {value}", prefix="1221"),
    "1064": Row(400, "an operator of the _filter is none: {value}", prefix="1221"),
    "1065": Row(400, "a value is missing in the _filter: {value}", prefix="1221"),
    "1066": Row(400, "pr in the _filter is compared with true or false: {value}", prefix="1221"),
    "1068": Row(400, "what stands after a value of the _filter joins nothing: {value}", prefix="1221"),
    "1206": Row(400, '{type} has no search parameter "{parameter}"; ' + _VALID),
    "1207": Row(400, "a _filter cannot compare {parameter}, which has several parts"),
    "1212": Row(400, '_filter compares the reference {parameter} by eq and ne, not by "{value}"'),
    "filter operator": Row(400, '_filter has no operator "{value}" for this parameter'),
    "1218": Row(400, "{parameter} needs a code, not only a system: {value}"),
    "1223": Row(400, '{type} has no search parameter "{parameter}"; ' + _VALID),
    "1230": Row(400, "'{value}' is no position: latitude|longitude, then |distance and |unit if wanted"),
    "1235": Row(400, 'a quantity knows no prefix "{prefix}": {value}'),
    "1239": Row(400, "the token of {parameter} has no code: {value}"),
    "1240": Row(400, "the token of {parameter} has no system: {value}"),
    "1242": Row(400, "the chain {value} goes on behind a parameter that refers to nothing"),
    "1243": Row(400, "the chain {chain} leads nowhere"),
    "1250": Row(400, 'the modifier "{type}" of a reference is no resource type'),
    "1882": Row(400, 'no date or time: "{value}"'),
    "1883": Row(400, 'no date or time: "{value}"; the marks in it are YYYY-MM-DDThh:mm:ss.sss'),
    "1922": Row(400, "several dates for one parameter need a prefix each"),
    "1923": Row(400, "two dates that both begin the period cannot be answered"),
    "1924": Row(400, "two dates that both end the period cannot be answered"),
    "1925": Row(400, "the prefix ap is not known for dates"),
    "1930": Row(400, "one date only: a comma list of dates cannot be answered"),
    "1935": Row(400, "{parameter} cannot be followed: it is no reference"),
    "1940": Row(400, 'no date, time or quantity: "{value}"'),
    "1941": Row(400, 'no prefix: "{prefix}"'),
    "1942": Row(400, "_has is incomplete: {parameter}"),
    "1947": Row(400, "{parameter} has too many parts between $: {value}"),
    "1963": Row(400, "_contained knows no {value}"),
    "2012": Row(405, "the modifier :of-type is switched off on this server"),
    "2015": Row(400, '"{value}" cannot be followed by {parameter}: no such reference; ' + _VALID),
    "2016": Row(400, '"{value}" cannot be followed by {parameter}: its last part is no resource type'),
    "2017": Row(400, '"{value}" cannot be followed by {parameter}: "{type}" is no resource type'),
    "2018": Row(400, '"{value}" cannot be followed by {parameter}: it is no Type:reference'),
    "2285": Row(400, "{parameter} cannot be followed by _sort: it is no reference"),
    "2286": Row(400, "_sort follows one reference only: {parameter}"),
    "2287": Row(400, "_sort follows {parameter} only with a type, as it may lead to several"),
    "2289": Row(400, '{type} cannot be sorted by "{parameter}"; ' + _VALID),
    "2290": Row(400, "_sort cannot follow {parameter} to a {type}"),
    "2498": Row(400, "[:{modifier}] is no modifier that references of {type} know"),
    "2788": Row(404, "there is no ValueSet {url}"),
}
