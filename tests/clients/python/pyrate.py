# python pyrate.py ROOT APIKEY
import json
import sys

import pandas
import requests
from fhir_pyrate import Pirate

root, apikey = sys.argv[1:]
session = requests.Session()
session.headers["apikey"] = apikey
pirate = Pirate(base_url=root, auth=session, num_processes=1, print_request_url=False)
wanted = {"family": "Library", "_count": 10}
people = pirate.steal_bundles_to_dataframe(
    "Patient", request_params=wanted, fhir_paths=[("id", "id"), ("family", "name[0].family")]
)
split = pirate.sail_through_search_space_to_dataframe(
    "Observation",
    time_attribute_name="date",
    date_init="2020-01-01",
    date_end="2024-01-01",
    fhir_paths=[("id", "id"), ("subject", "subject.reference")],
)
rows = pandas.DataFrame({"patient": ["p1", "p2"]})
traded = pirate.trade_rows_for_dataframe(
    rows,
    resource_type="Observation",
    df_constraints={"subject": "patient"},
    fhir_paths=[("id", "id"), ("status", "status")],
)
print(
    json.dumps(
        {
            "total": pirate.get_bundle_total("Patient", {**wanted, "_total": "accurate"}),
            "families": list(people["family"]),
            "split": split.to_dict("records"),
            "traded": list(traded["id"]),
        }
    )
)
