"""What each figure of the Journeys page is, and how it is worked out."""

from __future__ import annotations

from collections.abc import Mapping

from app.ui.catalogue import mark

#: What a figure is and how it is worked out, by the name of its card.
MEANINGS: Mapping[str, tuple[str, str]] = {
    "stages": (
        mark("People by stage"),
        mark(
            "Aware: known, no visit yet. Visited: seen in the mall, no purchase. Bought: at least one purchase. "
            "Regular: enough days with a purchase within the regular's span. Advocate: a regular who brought a "
            "friend or would recommend the mall. Lapsed: no act of their own for long. The limits are settings under "
            "Journeys. Each change is worked out from what was known on its day, so that later data change no past "
            "stage."
        ),
    ),
    "flows": (
        mark("Moves between stages"),
        mark(
            "Where people stood before the first day of the period and at the end of its last; those who stand where "
            "they stood are left out. The list counts every single move."
        ),
    ),
    "dwell": (
        mark("Time in a stage"),
        mark(
            "Kaplan-Meier over all spells in a stage: those still running count as long as they have lasted. The "
            "median is the time after which half have left, with its 95 % interval (Brookmeyer and Crowley). It is "
            "missing where fewer than half are expected to leave within the time observed."
        ),
    ),
    "conversion": (
        mark("Purchase within 30 and 90 days"),
        mark(
            "Of the people who stood in the stage that many days ago, the share that bought since, with Wilson's 95 "
            "% interval."
        ),
    ),
    "bottlenecks": (
        mark("Where people stop"),
        mark(
            "Stages: of those who entered at least 90 days ago, the share that did not go further within 90 days. "
            "Zones: members' visits without a purchase on the same day, over 90 days. Worth: what 90 days would "
            "bring if one in ten of the lost spent as those do who went on. Whether they would is for a test to show."
        ),
    ),
    "next": (
        mark("What comes next within 30 days"),
        mark(
            "Shares of people by stage and time in it, over the last six spans of 30 days, shrunk towards the "
            "stage's own share (as if 20 more people had moved so), with a 95 % interval. The model is learned "
            "before the last 30 days and tried on them beside the stage's base rate; it is used only where it surely "
            "loses less."
        ),
    ),
    "cohorts": (
        mark("Cohorts"),
        mark(
            "People by the month they joined or first bought. Retention: the share with a purchase in the month. "
            "Revenue: net of returns, per person of the cohort. Engagement: the share that did anything of their "
            "own. A struck cell is a month that is still running; groups too small to show are left out."
        ),
    ),
    "returns": (
        mark("Came back within"),
        mark(
            "Of those whose days are all over, the share with a purchase on a later day within so many days of the "
            "start. A struck cell lacks people whose days still run."
        ),
    ),
    "mall": (
        mark("From the doors to the next purchase"),
        mark(
            "Counts, not people: nobody is followed through the doors. Shops are those whose fronts are counted; "
            "receipts are all that the mall knows of."
        ),
    ),
    "funnel": (
        mark("Funnel"),
        mark(
            "The period chooses who enters; each person enters once, with the first event of step 1. Everyone then "
            "has the whole window: those who still have time count neither as converted nor as lost. A step is "
            "reached when any chain of events leads to it within the windows. Shares are of those who had the whole "
            "window, with Wilson's 95 % interval."
        ),
    ),
    "patterns": (
        mark("Places one after the other"),
        mark(
            "Visits put together from check-ins and receipts of known people in the last 90 days; acts less than "
            "three hours apart (a setting) are one visit. Share: of the visits with more than one place. Lift: how "
            "many times more often than if places followed each other by chance."
        ),
    ),
    "engagement": (
        mark("Engagement"),
        mark(
            "0 to 100: recency halves every 30 days since the last act, frequency is 100 x (1 - exp(-active days of "
            "90 / 6)), breadth is half tenants (5 are full) and half kinds of contact (4 are full). Weights 40, 35 "
            "and 25; all are settings under Behaviour."
        ),
    ),
    "replay": (
        mark("Zone to zone by the quarter hour"),
        mark(
            "People whom one camera saw leave a zone and next enter another, by the quarter hour of arrival. Sums "
            "only: no person, picture or track is kept, so no single way can be replayed."
        ),
    ),
}
