"""The picture of the rooms in docs/architecture.md is what the imports say."""

import re
from pathlib import Path

import rooms

PAGE = rooms.PART.page.read_text(encoding="utf-8")


def test_the_page_has_not_drifted_from_the_imports():
    assert rooms.PART.put_into(PAGE, rooms.content()) == PAGE, "run: make docs"


def house(folder: Path, files: dict[str, str]) -> dict[str, Path]:
    for name, text in files.items():
        file = folder / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)
    return {"functions": folder}


def test_a_room_is_a_folder_and_what_lies_deeper_belongs_to_it(tmp_path):
    found = rooms.rooms(
        house(
            tmp_path,
            {
                "step/handler.py": "from shared.model.gaussian import fitting\nfrom step.logic import run\n",
                "step/logic.py": "def run():\n    import shared.run\n",
                "shared/run.py": "import json\n",
                "shared/model/registry.py": "from shared.model.gaussian.fitting import fit\n",
                "shared/model/gaussian/fitting.py": "from shared import run\n",
                "shared/model/__init__.py": "",
            },
        )
    )
    assert found == {
        ("shared",): set(),
        ("shared", "model"): {("shared",)},
        ("step",): {("shared",), ("shared", "model")},
    }


def test_every_room_and_every_import_is_drawn_once():
    found = rooms.rooms()
    lines = [line.strip() for line in rooms.diagram(found).splitlines()]
    arrows = [line for line in lines if "-->" in line]
    assert sorted(arrows) == sorted(
        f"{'_'.join(room)} --> {'_'.join(other)}" for room, others in found.items() for other in others
    )
    boxes = {match[1] for line in lines if (match := re.fullmatch(r'(\w+)\["[\w/]+"\]', line))}
    assert boxes == {"_".join(room) for room in found}


def test_no_arrow_leads_from_the_functions_to_the_scripts():
    found = rooms.rooms()
    scripts = {room for room in found if room[0] == rooms.COMMAND_LINE}
    assert scripts
    assert not [room for room, others in found.items() if room not in scripts and others & scripts]
