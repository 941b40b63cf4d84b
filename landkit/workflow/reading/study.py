"""Read a study: every layer in the study CRS, columns in our names, areas measured once, complaints as findings."""

from __future__ import annotations

from collections.abc import Callable

from landkit.errors import LandkitError
from landkit.io.limits import Limits
from landkit.io.opener import refuse_address
from landkit.model import finding, why
from landkit.quality.fields import check_fields, check_registered_area
from landkit.quality.neighbours import check_overlaps, shared_ground
from landkit.rulebook import rulebook
from landkit.study import Study, load_plan
from landkit.workflow import memory
from landkit.workflow.checked import neighbour_limits, rows_of
from landkit.workflow.corrected import read_corrections
from landkit.workflow.ground import Ground, Progress, quiet
from landkit.workflow.reading.extents import check_line_layers, set_extents
from landkit.workflow.reading.layers import read_study_layer
from landkit.workflow.reading.meaning import check_meaning
from landkit.workflow.reading.place import check_outlines
from landkit.workflow.reading.rasters import look_at_rasters
from landkit.workflow.reading.tables import read_study_table


def read_ground(study: Study, progress: Progress = quiet) -> Ground:
    """Open every layer and table of the study and make it ready for questions.

    Raises: StudyError, RuleError, LayerError, CRSError: whatever cannot be used is named before anything is computed.
    """
    ground = survey_ground(study, progress)
    if ground.refusals:
        raise ground.refusals[0]
    return ground


def survey_ground(study: Study, progress: Progress = quiet) -> Ground:
    """The same, for checking: what only questions cannot bear (ids given twice) stands in `refusals` and is not raised.

    Raises: StudyError, RuleError, LayerError, CRSError where a source cannot be read at all.
    """
    memory.begin()
    rules = rulebook(study.study.profile, on=study.rules_on, folder=study.folder)
    ground = Ground(study, rules, load_plan(study))
    _note_days(ground)
    _note_waiting(ground)
    read_corrections(ground)
    ground.findings += Limits(study.limits).findings()
    order = sorted(study.layers, key=lambda k: study.layers[k].role != "boundary")
    far = _Far(study, progress)
    for key in order:
        ground.layers[key] = read_study_layer(
            ground, key, study.layers[key], far.within(study.layers[key].path)
        )
    for key, table in study.tables.items():
        far.within(table.path)(0.0)
        read_study_table(ground, key, table)
    far.within("")(0.0)
    look_at_rasters(ground)
    set_extents(ground)
    check_outlines(ground)
    check_meaning(ground)
    check_line_layers(ground)
    _check_parcels(ground)
    progress("read", far.of, far.of)
    return ground


class _Far:
    """How far reading is, by the size of the files: the layers one after the other, and a tenth for checks of all together."""

    def __init__(self, study: Study, progress: Progress) -> None:
        paths = [s.path for s in (*study.layers.values(), *study.tables.values())]
        self._size = {path: _size_kb(study, path) for path in paths}
        self._before, self._last, self._progress = 0, 0, progress
        self.of = sum(self._size[path] for path in paths) * 10 // 9 + 1

    def within(self, path: str) -> Callable[[float], None]:
        """Begin with a file ("": what comes after all of them); gives what is told which share of it is done."""
        self._before, self._last = self._before + self._last, self._size.get(path, 0)
        before, size = self._before, self._last
        return lambda share: self._progress("read", before + int(share * size), self.of)


def _size_kb(study: Study, path: str) -> int:
    """The size of a file, or of the files of a folder, in whole kB; 1 of a database, and of what is not there."""
    try:
        place = study.resolve(refuse_address(path))
        files = list(place.iterdir()) if place.is_dir() else [place]
        return sum(f.stat().st_size for f in files if f.is_file()) // 1000 + 1
    except (OSError, LandkitError):  # said when it is opened
        return 1


def _check_parcels(ground: Ground) -> None:
    """What bears on the answers: days, amounts, registered areas, parcels on each other."""
    layer = ground.of_role("parcels")
    if layer is None:
        return
    rows = rows_of(layer)
    rules, as_of = ground.rules, ground.study.study.as_of
    ground.findings += check_fields(rows, "parcels", rules, as_of)
    ground.findings += check_registered_area(
        rows, differs_share=float(rules["check.area_differs_share"].value)
    )
    pairs = shared_ground(rows)
    ground.findings += check_overlaps(rows, pairs, neighbour_limits(rules), check="overlap.parcels")


def _note_waiting(ground: Ground) -> None:
    """Entries of the study file that are still comments: nothing of theirs is in any answer."""
    waiting = ground.study.waiting
    if waiting:
        reason = why("entries_waiting", file=ground.study.file.name, entries=list(waiting))
        ground.findings.append(finding("study", "study.waiting", reason))


def _note_days(ground: Ground) -> None:
    head = ground.study.study
    if ground.study.rules_on != head.as_of:
        ground.findings.append(
            finding(
                "study",
                "days.differ",
                why("days_differ", as_of=str(head.as_of), rules_on=str(ground.study.rules_on)),
            )
        )
    for key in sorted(ground.rules.asleep):
        ground.findings.append(
            finding(
                "study",
                "rules.asleep",
                why("rule_asleep", rule=key, day=str(ground.study.rules_on)),
                value=key,
            )
        )
