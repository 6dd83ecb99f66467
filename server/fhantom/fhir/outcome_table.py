"""What a refusal says: one row for each number of the real server, worded by ourselves.

A client may know a case by its number, so numbers, status and issue code are the real server's (recordings of
HAPI FHIR 8.8.0). The words name the same element and value. A key that is no number belongs to a refusal that
the real server does not number either.
"""

from __future__ import annotations

from dataclasses import dataclass

from fhantom.fhir.outcome_rows import SEARCHING, Row

ROUTES = {
    "unsupported": Row(
        400,
        "no operation here fits {method} [{path}] with the parameters [[{parameters}]]",
        "not-supported",
        in_batch=("0303",),
    ),
    "encoded slash": Row(400, "a slash in the address cannot be encoded"),
    "0287": Row(400, "this is the server's base address; name a resource type or an operation after it"),
    "0299": Row(400, "the address asks for two things at once: {path}"),
    "0302": Row(404, "there is no resource type '{type}' here; there are: [{types}]"),
    "0426": Row(405, "this operation does not take {method}; it takes {allowed}"),
    "0427": Row(405, "this operation does not take {method}; it takes {allowed}"),
    "0417": Row(410, 'no search "{session}" is kept: it has expired or never was'),
    "0384": Row(400, "a read takes no [{parameters}]"),
    "0388": Row(405, "/metadata is read by GET or HEAD"),
    "0375": Row(400, "a whole number is needed, not: {value}"),
    "0389": Row(400, "_offset must not be negative: {value}"),
    "0295": Row(400, '_elements takes names of elements, which have no colon: "{value}"'),
    "0296": Row(400, '_elements:exclude takes names of elements, which have no colon: "{value}"'),
    "0304": Row(400, "_summary and _elements exclude each other"),
    "0380": Row(400, "_summary=text stands alone"),
    "0461": Row(400, "_offset is a whole number, not: {value}"),
    "0553": Row(400, "_since and _at exclude each other"),
    "1885": Row(400, "_since is an instant, down to the second: {value}"),
    "1955": Row(400, "only one _since"),
    "0418": Row(400, "an update needs an id in its address: [base]/[type]/[id]"),
    "0419": Row(400, "an update needs an id in its body"),
    "0420": Row(400, 'the id "{body}" of the body is not the id "{url}" of the address'),
    "0365": Row(400, 'a create takes no id in its address, but there is "{id}"; use PUT to choose an id'),
}

BODIES = {
    "0308": Row(400, "the body cannot be unpacked: {words}"),
    "0956": Row(400, "there is no body"),
    "0986": Row(400, "there is no body"),
    "0446": Row(400, 'Content-Type "{content_type}" is none of FHIR\'s; {operation} needs one'),
    "0448": Row(400, "there is no Content-Type; {operation} needs one of FHIR's"),
    "0449": Row(400, 'Content-Type "{content_type}" is none of FHIR\'s; {operation} needs one'),
    "0450": Row(400, "the body is not a readable {encoding} resource: {cause}"),
    "0522": Row(
        422,
        "a Bundle of type {type} is not kept as a resource; POST it to the server's base address to run it",
    ),
    "1112": Row(422, "SearchParameter.status is absent"),
    "1113": Row(422, "SearchParameter.base is absent"),
    "1114": Row(422, "SearchParameter.expression is absent"),
    "1120": Row(422, 'SearchParameter.expression "{expression}" is not a path that can be followed'),
    "1121": Row(422, 'SearchParameter.expression "{expression}" is no FHIRPath that can be followed'),
    "0840": Row(422, "{type} with url {url} exists already: {existing}"),
    "0841": Row(422, "{type} with url {url} and this version exists already: {existing}"),
    "0848": Row(422, "{type} with url {url} and this version exists already: {existing}"),
    "2528": Row(412, "the concept {code} is there twice"),
    "0902": Row(422, "{type} with url {url} exists already: {existing}"),
    "1766": Row(422, "{type} without a url cannot be kept"),
}

INSTANCES = {
    "deleted": Row(410, "deleted at {time}"),
    "referenced": Row(409, "{reference} stays: {referrer} refers to it", in_batch=("0550", "0515")),
    "2001": Row(404, "{reference} is not here"),
    "0978": Row(404, '"{version}" cannot be a version of {reference}'),
    "0979": Row(404, '"{version}" is no version of {reference}'),
    "0521": Row(400, "[{id}] is no valid FHIR id"),
    "0960": Row(400, "[{id}] is no id that a client can choose: it needs a character that is no digit"),
    "0989": Row(409, "{reference}/_history/{version} was to be updated but is no longer current", prefix="0550"),
    "0961": Row(409, "{reference}/_history/{version} was to be deleted but is not current", prefix="0550"),
    "2223": Row(400, '"{value}" is no version in If-Match'),
    "0963": Row(405, "_expunge is switched off on this server"),
    "0967": Row(400, "a delete needs an id or a condition"),
    "0974": Row(409, "version {version} is no longer current and was not patched", prefix="0550"),
}

EXPORT = {
    "0513": Row(400, "an export runs asynchronously: it needs the header Prefer: respond-async"),
    "export format": Row(400, "an export is written as NDJSON, not as {value}"),
    "export since": Row(400, "{value} is no moment for _since"),
}

CONDITIONS = {
    "0518": Row(400, "the condition [{url}] names no parameter"),
    "1744": Row(400, "the condition [{url}] holds a space, which must be encoded"),
    "0929": Row(400, "the {type} does not fulfil the condition {url} that it came with"),
    "0958": Row(412, 'CREATE of {type} on condition "{url}" is not possible: {count} resources fulfil it'),
    "0962": Row(412, 'DELETE of {type} on condition "{url}" is not possible: {count} resources fulfil it'),
    "0972": Row(412, 'PATCH of {type} on condition "{url}" is not possible: {count} resources fulfil it'),
    "0973": Row(404, 'no resource fulfils the condition "{url}"'),
    "0988": Row(412, 'UPDATE of {type} on condition "{url}" is not possible: {count} resources fulfil it'),
    "1091": Row(404, 'no resource fulfils the condition "{url}"'),
    "1092": Row(412, 'the condition "{url}" does not name one resource: {count} fulfil it'),
}

REFERENCES = {
    "0505": Row(400, "the reference at [{path}] names no resource type: {reference}"),
    "0506": Row(400, "the reference at [{path}] names a resource type that is none: {reference}"),
    "0508": Row(400, "the reference at [{path}] names no resource id: {reference}"),
    "1684": Row(400, '"{type}" is no resource type'),
    "0507": Row(400, 'the reference to "{reference}" leads to another server, which is not allowed'),
    "0931": Row(422, "the reference at '{path}' names the type '{type}', which cannot stand there"),
    "1094": Row(400, "{reference} is not here, but {path} refers to it"),
    "1096": Row(400, "{reference} was deleted, but {path} refers to it"),
}

TRANSACTIONS = {
    "0527": Row(400, "a Bundle of type {type} is neither a batch nor a transaction"),
    "0529": Row(400, 'Bundle.entry({index}).request.method is absent or unknown: "{method}"'),
    "0533": Row(400, "the fullUrl {id} is neither an address nor a placeholder: urn:uuid:[uuid] or urn:oid:[oid]"),
    "0534": Row(400, "two entries of the transaction have the fullUrl {id}"),
    "0535": Row(400, "two entries of the transaction write {id}"),
    "0536": Row(400, "a FHIRPath patch is a Parameters resource, not a Binary"),
    "0537": Row(400, "the PATCH entry has neither a Binary with content nor a Parameters resource"),
    "0538": Row(400, "an entry cannot ask for {method}"),
    "0539": Row(412, "the resource does not fulfil the condition {url} that it came with"),
    "0541": Row(400, "the placeholder {id} in '{element}' of {type} is the fullUrl of no entry"),
    "0543": Row(400, "Bundle.entry[{index}].resource is absent, but {method} needs one"),
    "0545": Row(400, "the {method} entry has no url"),
    "1101": Row(400, "the {method} entry has no url"),
    "1997": Row(404, "{reference} is not here"),
    "2745": Row(409, "{reference} was created on the condition {url} just before", prefix="0550"),
    "2207": Row(412, 'the condition "{url}" does not name one resource: {count} fulfil it'),
    "2279": Row(400, 'what fulfils the condition "{url}" has another id than {id}'),
    "2008": Row(400, "several entries without a fullUrl have the condition {url}"),
    "1742": Row(400, "the address {url} names no resource"),
    "2616": Row(400, "the resource of the entry is of another type than its address: {url}"),
    "2006": Row(400, "{method} is not possible with the address: {url}"),
}

PATCHES = {
    "1267": Row(400, "[{words}]"),
    "1268": Row(400, "there is no element {index} to be moved at {path}, only {count} elements"),
    "1269": Row(400, "there is no place {index} to be moved to at {path}, only {count} elements"),
    "1271": Row(400, "the JSON patch does not fit {reference}: {cause}"),
    "1272": Row(400, "{words}"),
    "1273": Row(400, "the patch is not readable: {words}"),
    "patched XML": Row(400, "{cause}"),
    "2726": Row(400, "{path} is no path that a patch can follow"),
    "2704": Row(400, "the path {path} of the patch names several elements"),
    "2719": Row(400, "the path {path} of the patch names nothing that can be replaced"),
    "2761": Row(400, "the path {path} of the patch names no element"),
    "1831": Row(400, "{name} has no values of the type {type}"),
    "patch value": Row(400, "{words}"),
    "patch index": Row(400, "the operation lacks its {name}"),
    "1964": Row(400, "a PATCH needs a Content-Type"),
    "1965": Row(400, "Content-Type {content_type} is none that a PATCH takes"),
}

OPERATIONS = {
    "2841": Row(404, "[{reference}] is not here"),
    "2572": Row(410, "{reference} was deleted"),
    "2197": Row(404, "_type names '{type}', which is no resource type"),
    "0362": Row(400, "the parameter {name} is given as {given}, where {expected} is needed"),
    "0363": Row(405, "${operation} does not take the parameter {name} in its address, only in a body"),
    "no flag": Row(400, "'{value}' is neither true nor false"),
    "0702": Row(412, "the value set cannot be expanded: {cause} is not known here", prefix="2029"),
    "2646": Row(412, "the value set cannot be expanded: nothing can be filtered of {cause}", prefix="2029"),
    "0888": Row(422, "the value set {url} cannot be expanded: {cause}"),
    "0889": Row(404, "there is no ValueSet {url}"),
    "0890": Row(400, "a part of the value set names no system"),
    "0364": Row(400, '"{value}" is no mode of $validate'),
    "0991": Row(400, "$validate needs an id to tell whether it can be deleted"),
    "0992": Row(400, "$validate needs a resource"),
    "0997": Row(422, "the resource has an id, and none is taken on a create"),
    "0998": Row(422, "the resource has no id, and an update needs one"),
    "0554": Row(400, "$meta-add needs a parameter 'meta'"),
    "0555": Row(400, "$meta-delete needs a parameter 'meta'"),
    "0899": Row(400, "a code, a coding or a codeableConcept is needed"),
    "0900": Row(400, "only one of code, coding and codeableConcept can be validated"),
    "0901": Row(400, "the value set is needed, by its id or its url"),
    "0903": Row(400, "codes of different code systems cannot be compared"),
    "0906": Row(400, "a code, a coding or a codeableConcept is needed"),
    "0907": Row(400, "only one of code, coding and codeableConcept can be validated"),
    "0908": Row(400, "the code system is needed, by its id or its url"),
    "0910": Row(400, "the system {system} of the coding is not the code system {url}"),
    "1126": Row(400, "$lookup and $subsumes need codes and their system"),
    "1127": Row(400, "$lookup takes a system with a code, or a coding, not both"),
    "1129": Row(400, "resources of different types have no difference"),
    "0572": Row(400, "a reference without a resource type, or with one that is none: {reference}"),
    "0022": Row(412, "no notification can be set off by hand on this server"),
    "1137": Row(400, "${operation} needs the parameter {name}"),
    "1138": Row(400, "${operation} needs the parameter {name}"),
    "1139": Row(400, "${operation} needs the parameter {name}"),
    "1140": Row(400, "${operation} needs the parameter {name}"),
    "1162": Row(404, "there is no StructureDefinition {url}"),
    "1769": Row(400, "the job is not named: _jobId"),
    "1770": Row(400, "$snapshot needs one of an id, a definition and a url"),
    "2583": Row(400, "${operation} needs the parameter {name}"),
    "2584": Row(400, "${operation} needs the parameter {name}"),
    "2787": Row(404, "there is no job {job}"),
    "2834": Row(501, "this operation is not known in this version of FHIR"),
    "1087": Row(400, "the limit of $expunge is at least 1: {value}"),
    "0969": Row(412, "{reference}/_history/{version} is the current version, which $expunge does not remove alone"),
    "1133": Row(400, "$expand needs a url or a valueSet"),
    "1134": Row(400, "$expand takes one of an id, a url and a valueSet"),
    "1135": Row(400, "$expand needs an offset of 0 or more: {value}"),
    "1136": Row(400, "$expand needs a count of 0 or more: {value}"),
    "1154": Row(400, "$translate needs one of a code, a coding and a codeableConcept"),
    "1738": Row(404, "there is no code {system}|{code}"),
    "incomplete": Row(400, "{operation} needs {needs}"),
    "unknown code": Row(400, "there is no code {system}|{code}"),
}

# HAPI's numbers (SubscriptionValidatingInterceptor, 8.x), which it gives also where nobody is told.
SUBSCRIPTIONS = {
    "0008": Row(422, "the Subscription has no status"),
    "0009": Row(422, "the criteria {criteria} cannot be understood: {cause}"),
    "0011": Row(422, "the Subscription has no criteria"),
    "0012": Row(422, "the criteria {criteria} cannot be read"),
    "0017": Row(422, "the endpoint {endpoint} is none for a channel of messages, channel:name"),
    "2545": Row(422, "the endpoint {value} is no address"),
    "0013": Row(422, "the criteria name {type}, which is no resource type"),
    "0014": Row(422, "the criteria {criteria} are not of the form Type?parameters"),
    "0020": Row(422, "the Subscription names no type of channel"),
    "0021": Row(422, "the Subscription's channel has no endpoint"),
    "1985": Row(422, "{value} is no type that a notification can be sent as"),
    "2322": Row(422, "there is no SubscriptionTopic {topic}"),
    "2338": Row(422, "the SubscriptionTopic has no status"),
    "2339": Row(422, "the criteria {criteria} of the topic cannot be understood: {cause}"),
    "subscription channel": Row(422, "nothing is told by {value} here, only by {known}", "not-supported"),
    "subscription endpoint": Row(422, "the endpoint cannot be told: {cause}", "not-supported"),
}

TABLE: dict[str, Row] = {
    **SEARCHING,
    **ROUTES,
    **BODIES,
    **INSTANCES,
    **CONDITIONS,
    **REFERENCES,
    **TRANSACTIONS,
    **PATCHES,
    **OPERATIONS,
    **EXPORT,
    **SUBSCRIPTIONS,
}


@dataclass(frozen=True, slots=True)
class Success:
    """What the answer to a write says: its code, the code's display, and the words about this case."""

    display: str
    words: str
    severity: str = "information"
    code: str = "informational"


SUCCESSES: dict[str, Success] = {
    "SUCCESSFUL_CREATE": Success("Created.", '"{reference}" is created.'),
    "SUCCESSFUL_CREATE_NO_CONDITIONAL_MATCH": Success(
        "Created: nothing fulfilled the condition.", '"{reference}" is created: nothing fulfilled "{url}".'
    ),
    "SUCCESSFUL_CREATE_WITH_CONDITIONAL_MATCH": Success(
        "Not created: one resource fulfils the condition.", '"{reference}" is there and fulfils "{url}".'
    ),
    "SUCCESSFUL_UPDATE": Success("Updated.", '"{reference}" is updated.'),
    "SUCCESSFUL_UPDATE_AS_CREATE": Success(
        "Created with the id that was asked for.", '"{reference}" is created with the client\'s id.'
    ),
    "SUCCESSFUL_UPDATE_NO_CHANGE": Success(
        "Not updated: nothing differs.", '"{reference}" is as it was; no version was made.'
    ),
    "SUCCESSFUL_UPDATE_NO_CONDITIONAL_MATCH": Success(
        "Created: nothing fulfilled the condition.", '"{reference}" is created: nothing fulfilled "{url}".'
    ),
    "SUCCESSFUL_UPDATE_WITH_CONDITIONAL_MATCH": Success(
        "Updated: one resource fulfilled the condition.", '"{reference}" fulfils "{url}" and is updated.'
    ),
    "SUCCESSFUL_UPDATE_WITH_CONDITIONAL_MATCH_NO_CHANGE": Success(
        "Not updated: nothing differs.", '"{reference}" fulfils "{url}" and is as it was.'
    ),
    "SUCCESSFUL_PATCH": Success("Patched.", '"{reference}" is patched.'),
    "SUCCESSFUL_PATCH_NO_CHANGE": Success(
        "Not patched: nothing differs.", '"{reference}" is as it was; no version was made.'
    ),
    "SUCCESSFUL_CONDITIONAL_PATCH": Success(
        "Patched: one resource fulfilled the condition.", '"{reference}" fulfils "{url}" and is patched.'
    ),
    "SUCCESSFUL_CONDITIONAL_PATCH_NO_CHANGE": Success(
        "Not patched: nothing differs.", '"{reference}" fulfils "{url}" and is as it was.'
    ),
    "SUCCESSFUL_DELETE": Success("Deleted.", "{count} resource(s) deleted."),
    "SUCCESSFUL_DELETE_ALREADY_DELETED": Success("Deleted before.", "{reference} was deleted before."),
    "SUCCESSFUL_DELETE_NOT_FOUND": Success("Nothing to delete.", "{reference} never was here."),
}
