"""The project's own rules, checked on dbt's manifest: layers, names, contracts, keys, texts."""

from __future__ import annotations

import json
import re
import tomllib
from pathlib import Path
from typing import Any

import pytest
import yaml
from support.homes import PROJECT

from exporters.landing.scan import FEEDS

Node = dict[str, Any]

# A folder is a layer is a schema, and stands on those before it.
LAYERS = ["reference", "intake", "staging", "dimensions", "ledger", "marts"]
NAMES = {
    "intake": r"landing_\w+|build_settings",
    "staging": r"base_\w+__rows|stg_\w+|focus_versions",
    "dimensions": r"int_\w+__\w+|\w+_(records|history|periods|statuses|names|accounts)",
    "ledger": (
        r"int_\w+__\w+|fct_\w+"
        r"|event_voids|reattributed_batches|internal_transfers|discount_worth"
    ),
    "reports": (
        r"(credit|revenue)_\w+|deferred_revenue|discounts|dim_services|partners|service_accounts"
    ),
    "quality": r"\w+",
}
# Model, and the relation downstream of it that it reads as earlier builds left it: new versions are
# compared with the entries that stand, and their reversals made from these.
EARLIER = {
    ("int_batches__outdated", "ledger", "fct_credit_entries"),
    ("int_batches__outdated", "ledger", "fct_revenue_entries"),
    ("int_credit_entries__new", "ledger", "fct_credit_entries"),
    ("int_events__multi_version_rows", "ledger", "event_voids"),
    ("int_events__multi_version_rows", "ledger", "fct_credit_entries"),
    ("int_events__multi_version_rows", "ledger", "fct_revenue_entries"),
    ("int_revenue_entries__new", "ledger", "fct_revenue_entries"),
    ("int_revenue_entries__original", "ledger", "fct_revenue_entries"),
}


@pytest.fixture(scope="module")
def manifest(sample_home: Path) -> dict[str, Any]:
    loaded: dict[str, Any] = json.loads(
        (sample_home / "target" / "manifest.json").read_text(encoding="utf-8")
    )
    return loaded


@pytest.fixture(scope="module")
def models(manifest: dict[str, Any]) -> list[Node]:
    return [node for node in manifest["nodes"].values() if node["resource_type"] == "model"]


def layer(node: Node) -> str:
    return "reference" if node["resource_type"] == "seed" else str(node["fqn"][1])


def test_data_flows_one_way(manifest: dict[str, Any], models: list[Node]) -> None:
    wrong = [
        f"{node['name']} ({layer(node)}) reads {above} ({layer(manifest['nodes'][above])})"
        for node in models
        for above in node["depends_on"]["nodes"]
        if above in manifest["nodes"]
        and LAYERS.index(layer(manifest["nodes"][above])) > LAYERS.index(layer(node))
    ]
    assert not wrong


def test_a_folder_is_a_schema(models: list[Node]) -> None:
    schemas = {"marts": "reports"}
    wrong = [
        f"{node['name']} ({layer(node)}) stands in {node['schema']}"
        for node in models
        if node["schema"] != schemas.get(layer(node), layer(node))
    ]
    assert not wrong


def test_what_earlier_builds_left_is_read_where_it_must_be(models: list[Node]) -> None:
    """dbt does not see these readings, so they are listed: the log of batches, or own entries."""
    found = {
        (node["name"], *read)
        for node in models
        for read in re.findall(r"stored_rows\('(\w+)', '(\w+)'\)", node["raw_code"])
    }
    assert found == EARLIER


def parents(manifest: dict[str, Any], node: Node) -> set[str]:
    """What a model refers to, also by way of models that are only part of its query."""
    found = set()
    for above in node["depends_on"]["nodes"]:
        found.add(above)
        if manifest["nodes"].get(above, {}).get("config", {}).get("materialized") == "ephemeral":
            found |= parents(manifest, manifest["nodes"][above])
    return found


def test_no_relation_is_named_past_dbt(manifest: dict[str, Any], models: list[Node]) -> None:
    """A compiled model reads what it refers to, or dbt may build it too late, and EARLIER."""
    relations = {
        (node["schema"], node["alias"]): one
        for one, node in manifest["nodes"].items()
        if node["resource_type"] in ("model", "seed")
    }
    readings = 0
    for node in models:
        allowed = {*parents(manifest, node), node["unique_id"]}
        for schema, name in re.findall(r'"(\w+)"\."(\w+)"(?!\.)', node["compiled_code"] or ""):
            if (schema, name) in relations and (node["name"], schema, name) not in EARLIER:
                assert relations[schema, name] in allowed, (node["name"], schema, name)
                readings += 1
    assert readings > len(models)


def test_files_are_read_in_one_place_only(models: list[Node]) -> None:
    readers = {
        node["name"]
        for node in models
        if re.search(r"read_(landing|csv|parquet|blob)\(", node["raw_code"])
    }
    assert readers == {f"base_{feed}__rows" for feed in FEEDS}


def test_a_model_is_named_after_its_room(models: list[Node]) -> None:
    wrong = [
        node["name"] for node in models if not re.fullmatch(NAMES[node["fqn"][-2]], node["name"])
    ]
    assert not wrong


def test_a_model_begins_with_its_grain(models: list[Node]) -> None:
    wrong = [
        node["name"]
        for node in models
        if node["language"] == "sql" and not node["raw_code"].startswith("-- One row")
    ]
    assert not wrong


def test_marts_have_contracts(models: list[Node]) -> None:
    wrong = [
        node["name"]
        for node in models
        if layer(node) == "marts" and not node["config"]["contract"]["enforced"]
    ]
    assert not wrong


def test_append_only_models_stop_at_a_changed_schema(models: list[Node]) -> None:
    wrong = [
        node["name"]
        for node in models
        if node["config"]["materialized"] == "incremental"
        and node["config"]["on_schema_change"] != "fail"
    ]
    assert not wrong


def test_every_model_has_a_tested_key(manifest: dict[str, Any], models: list[Node]) -> None:
    tests = [node for node in manifest["nodes"].values() if node["resource_type"] == "test"]

    def tested_by(name: str) -> set[str]:
        return {
            above
            for node in tests
            if node["name"].startswith(name)
            for above in node["depends_on"]["nodes"]
        }

    with_key = {node["unique_id"] for node in models if node["config"]["meta"].get("key")}
    # A view of entries has their key when it has as many rows; those of revenue_detail are counted
    # where they are read anyway.
    counted = tested_by("assert_views_keep_the_rows") | tested_by("assert_revenue_reports_agree")
    wrong = [
        node["name"]
        for node in models
        if node["unique_id"] not in (with_key & tested_by("assert_keys_of")) | counted
        # What is read once is tested where it is stored.
        and not (node["database"] == "work" and node["config"]["materialized"] == "view")
        and node["config"]["materialized"] != "ephemeral"
    ]
    assert not wrong


def test_models_and_columns_are_described(sample_home: Path, manifest: dict[str, Any]) -> None:
    import duckdb

    connection = duckdb.connect(str(sample_home / "warehouse.duckdb"), read_only=True)
    connection.execute(f"attach '{sample_home / 'work.duckdb'}' as work (read_only)")
    columns: dict[tuple[str, str], set[str]] = {}
    for schema, table, column in connection.execute(
        "select schema_name, table_name, column_name from duckdb_columns() where not internal"
    ).fetchall():
        columns.setdefault((schema, table), set()).add(column.lower())
    wrong = []
    for node in manifest["nodes"].values():
        if node["resource_type"] not in ("model", "seed"):
            continue
        if node["config"]["materialized"] == "ephemeral":
            assert node["description"], node["name"]
            continue
        described = {name.lower(): one["description"] for name, one in node["columns"].items()}
        wrong += [node["name"]] * (not node["description"])
        wrong += [
            f"{node['name']}.{column}"
            for column in columns[node["schema"], node["alias"]]
            if not described.get(column)
        ]
        surplus = set(described) - columns[node["schema"], node["alias"]]
        wrong += [f"{node['name']}.{column} does not exist" for column in surplus]
    assert not wrong


def test_the_published_file_explains_its_columns(sample_home: Path) -> None:
    import duckdb

    connection = duckdb.connect(str(sample_home / "published" / "marts.duckdb"), read_only=True)
    silent = connection.execute(
        """
        select schema_name, table_name, column_name from duckdb_columns()
        where schema_name in ('reports', 'ledger', 'reference') and coalesce(comment, '') = ''
        union all
        select schema_name, table_name, null from duckdb_tables()
        where schema_name in ('reports', 'ledger', 'reference') and coalesce(comment, '') = ''
        union all
        select schema_name, view_name, null from duckdb_views()
        where schema_name in ('reports', 'ledger', 'reference') and coalesce(comment, '') = ''
        """
    ).fetchall()
    assert not silent


def test_macros_are_explained(manifest: dict[str, Any]) -> None:
    wrong = []
    for path in sorted((PROJECT / "macros").rglob("*.sql")):
        text = path.read_text(encoding="utf-8")
        if not text.lstrip().startswith("{#-"):
            wrong.append(path.name)
    assert not wrong


def test_the_versions_agree() -> None:
    project = tomllib.loads((PROJECT / "pyproject.toml").read_text(encoding="utf-8"))
    dbt = yaml.safe_load((PROJECT / "dbt_project.yml").read_text(encoding="utf-8"))
    assert dbt["vars"]["project_version"] == project["project"]["version"]


def test_profiles_differ_only_by_paths() -> None:
    outputs = yaml.safe_load((PROJECT / "profiles.yml").read_text(encoding="utf-8"))[
        "partner_reports"
    ]["outputs"]
    without_path = [
        {key: value for key, value in output.items() if key not in ("path", "attach")}
        for output in outputs.values()
    ]
    assert all(one == without_path[0] for one in without_path)


def test_every_sql_file_of_exporters_is_run_by_a_module_beside_it() -> None:
    files = sorted((PROJECT / "exporters").rglob("*.sql"))
    modules = {
        folder: "".join(module.read_text(encoding="utf-8") for module in folder.glob("*.py"))
        for folder in {file.parent for file in files}
    }
    assert files
    assert [
        file
        for file in files
        if not re.search(rf"['\"]{file.stem}(\.sql)?['\"]", modules[file.parent])
    ] == []
