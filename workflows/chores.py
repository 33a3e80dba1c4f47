"""What else the plugin host does for one plugin, as Temporal runs it: the same chore again and again, until nothing is left of it."""

from __future__ import annotations

from temporalio import workflow

with workflow.unsafe.imports_passed_through():
    from workflows.timing import limits

MOST_TURNS = 200  # then the history is cut


@workflow.defn(name="Chore")
class ChoreWorkflow:
    """`chore` is an activity's type: take_delivery, renew_box, keep_webhooks, look_outside."""

    @workflow.run
    async def run(self, chore: str, plugin: str) -> None:
        for _turn in range(MOST_TURNS):
            more = await workflow.execute_activity(chore, plugin, result_type=bool, summary=plugin, **limits(chore))
            if not more:
                return
        workflow.continue_as_new(args=[chore, plugin])
