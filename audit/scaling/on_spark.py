"""Shards judged by the workers of Spark: a task each, and none of their rows ever moves.

The master, memory and cores are whatever `spark-submit`, PYSPARK_SUBMIT_ARGS, MASTER or the folder
of SPARK_CONF_DIR say; without a word of them, all cores of this machine are used. A task that was
lost with its worker is run again, by Spark.
"""

from __future__ import annotations

import os
import shutil
import sys
import tempfile
import warnings
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from threading import Event
from typing import TYPE_CHECKING

from audit.problems import Problem, ResourcesExhausted, UsageRefused

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from pyspark import SparkContext

    from audit.scaling.planning import Shard
    from audit.scaling.workers import Judge
    from audit.scaling.working import Answer

_LOG = Path(__file__).with_name("spark.properties")
# What holds where nothing else was said. Alone on a machine Spark would try no task twice. Its own
# code does little here, so it is not worth much compiling.
_ENVIRONMENT = {
    "MASTER": "local[*,4]",
    "PYSPARK_PYTHON": sys.executable,
    "SPARK_SUBMIT_OPTS": f"-XX:TieredStopAtLevel=1 -Dlog4j2.configurationFile={_LOG.as_uri()}",
}
_MOST = 300  # characters of what Java complains of
_LOOK = 0.2  # seconds
_SETTINGS = {
    "spark.app.name": "consent-audit",
    "spark.executorEnv.OPENBLAS_NUM_THREADS": "1",
    "spark.executorEnv.POLARS_MAX_THREADS": "1",  # a task has a core
    "spark.executorEnv.PYTHONWARNINGS": "ignore",  # what Spark thinks of other libraries
    "spark.ui.enabled": "false",
}


@dataclass(frozen=True)
class Spark:
    """Spark, which may still be starting."""

    coming: Future[SparkContext]
    over: Event = field(default_factory=Event)

    def answers(self, judge: Judge, shards: Sequence[Shard]) -> list[Answer]:
        """What was answered of each shard, in their order; as `Workers` says."""
        from py4j.protocol import Py4JError  # noqa: PLC0415 (an extra)

        context = self.coming.result()
        try:
            answers: list[Answer] = context.parallelize(shards, len(shards)).map(judge).collect()
        except (Py4JError, OSError) as fault:
            raise ResourcesExhausted(_lost(context, str(fault))) from fault
        finally:
            self.over.set()
        return answers

    def stop(self) -> None:
        """Let go of what is under way; what is only now handed in would not know of it."""
        context = self.coming.result()
        context.cancelAllJobs()
        while not self.over.wait(_LOOK):
            context.cancelAllJobs()


def _lost(context: SparkContext, told: str) -> Problem:
    """Why not all was answered: Spark gave up a shard, or was itself given up, now or soon."""
    if "removed our application" in told or context._jsc.sc().isStopped():  # noqa: SLF001 (no other way)
        return Problem("spark-ended", {"master": context.master})
    return Problem("workers-lost", {"engine": "spark"})


@contextmanager
def workers() -> Iterator[Spark]:
    """Spark, started for this run unless this process has one already.

    Raises UsageRefused where there is no Java; `answers`, where Spark cannot start.
    """
    from pyspark import SparkContext  # noqa: PLC0415 (an extra)

    there = SparkContext._active_spark_context  # noqa: SLF001 (there is no other way to ask)
    if there is None:
        _refuse_without_java()
    with ThreadPoolExecutor(1) as aside:
        coming = aside.submit(_started) if there is None else aside.submit(lambda: there)
        try:
            yield Spark(coming)
        finally:
            if there is None and coming.exception() is None:
                coming.result().stop()


def _started() -> SparkContext:
    from pyspark import SparkConf, SparkContext  # noqa: PLC0415 (an extra)

    warnings.filterwarnings("ignore", category=FutureWarning, module=r"pyspark\.")  # on pandas
    for name, value in _ENVIRONMENT.items():
        os.environ.setdefault(name, value)
    _ensure_java(SparkContext)
    settings = SparkConf()  # only now is known what was said
    for name, value in _SETTINGS.items():
        settings.setIfMissing(name, value)
    settings.set("spark.ui.showConsoleProgress", "false")  # a shell's, which this is not
    return SparkContext(conf=settings)


def _ensure_java(context: type[SparkContext]) -> None:
    """Start what Spark runs in, unless it was started; of its log only an end too soon is told."""
    from pyspark.errors import PySparkException  # noqa: PLC0415
    from pyspark.java_gateway import launch_gateway  # noqa: PLC0415

    if context._gateway is not None:  # noqa: SLF001 (there is no other way to ask)
        return
    with tempfile.TemporaryFile() as log:
        told = {} if os.environ.get("SPARK_CONF_DIR") else {"stderr": log}
        try:
            gateway = launch_gateway(popen_kwargs=told)
        except PySparkException as fault:
            log.seek(0)
            said = " ".join(log.read().decode(errors="replace").split())[:_MOST]
            raise UsageRefused(
                Problem("spark-not-started", {"detail": said or str(fault)})
            ) from fault
        context._ensure_initialized(gateway=gateway)  # noqa: SLF001


def _refuse_without_java() -> None:
    home = os.environ.get("JAVA_HOME")
    there = Path(home, "bin", "java").is_file() if home else shutil.which("java") is not None
    if not there:
        raise UsageRefused(Problem("java-missing"))
