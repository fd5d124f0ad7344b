"""Spark judges the flows: `python -m tests.benchmarks.peers.spark_sql EXPORT FOLDER`.

Two cores of this machine, and a driver that is the worker too, so that no row crosses a network.
"""

import sys
import tempfile
from pathlib import Path

from pyspark.sql import DataFrame, SparkSession

from tests.benchmarks.export import TABLES, files
from tests.benchmarks.peers.sql import Dialect, small_tables, steps

SPARK = Dialect(
    explode="explode",
    number="monotonically_increasing_id()",
    instant="TRY_CAST({} AS TIMESTAMP)",
)
_SETTINGS = {
    "spark.ui.enabled": "false",
    "spark.ui.showConsoleProgress": "false",
    "spark.driver.memory": "8g",
    "spark.driver.bindAddress": "127.0.0.1",
    "spark.driver.host": "127.0.0.1",
    "spark.sql.session.timeZone": "UTC",
    "spark.sql.shuffle.partitions": "8",
}


def judge(export: Path, folder: Path) -> None:
    """The verdict of every flow, as a folder of Parquet."""
    builder = SparkSession.builder.master("local[2]")
    for name, value in _SETTINGS.items():
        builder = builder.config(name, value)
    session = builder.getOrCreate()
    session.sparkContext.setLogLevel("ERROR")
    try:
        with tempfile.TemporaryDirectory() as steps_folder:
            verdicts = _judged(session, export, Path(steps_folder))
            verdicts.write.mode("overwrite").parquet(str(folder))
    finally:
        session.stop()


def _judged(session: SparkSession, export: Path, steps_folder: Path) -> DataFrame:
    """What several steps read is written down: kept in memory, its plan would grow in theirs."""
    for name, frame in small_tables().items():
        session.createDataFrame(frame.to_arrow()).createOrReplaceTempView(name)
    for table in TABLES:
        paths = [str(path) for path in files(export, table)]
        session.read.parquet(*paths).createOrReplaceTempView(table)
    for step in steps(SPARK):
        made = session.sql(step.sql)
        if step.again:
            made.write.parquet(str(steps_folder / step.name))
            made = session.read.parquet(str(steps_folder / step.name))
        made.createOrReplaceTempView(step.name)
    return session.table("verdicts")


if __name__ == "__main__":
    judge(*map(Path, sys.argv[1:]))
