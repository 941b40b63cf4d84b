"""The report (报告): a Word document from a template that planners may change, every figure with its id."""

from landkit.present.reports.marks import plain, without_marks
from landkit.present.reports.printing import Printer, Wanted
from landkit.present.reports.rendering import render_report
from landkit.present.reports.template import write_template

__all__ = ["Printer", "Wanted", "plain", "render_report", "without_marks", "write_template"]
