"""The delivery of facts to one plugin, as Temporal runs it: batch after batch, until there is nothing left."""

from __future__ import annotations

from temporalio import workflow

with workflow.unsafe.imports_passed_through():
    from workflows.timing import DELIVER_FACTS, limits

MOST_BATCHES = 200  # then the history is cut


@workflow.defn(name="Facts")
class FactsWorkflow:
    """Lives while a plugin has events to take; the plugin host starts it again when new ones are there."""

    @workflow.run
    async def run(self, plugin: str) -> None:
        for _batch in range(MOST_BATCHES):
            more = await workflow.execute_activity(
                DELIVER_FACTS, plugin, result_type=bool, summary=plugin, **limits(DELIVER_FACTS)
            )
            if not more:
                return
        workflow.continue_as_new(plugin)
