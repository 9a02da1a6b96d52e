"""Threads that work for an event loop."""

import asyncio
import threading

import pytest

from skillmeat.api.worker_threads import WorkerThreads


def test_no_more_threads_work_than_are_allowed() -> None:
    threads = WorkerThreads(2, "test")
    both_work = threading.Barrier(2, timeout=60)
    used: set[int] = set()

    def work(number: int) -> int:
        used.add(threading.get_ident())
        if number < 2:
            both_work.wait()
        return number

    async def run() -> list[int]:
        return await asyncio.gather(*(threads.run(work, number) for number in range(9)))

    found = asyncio.run(run())
    threads.shutdown()

    assert (found, len(used)) == (list(range(9)), 2)


def test_work_goes_to_the_thread_that_became_idle_last() -> None:
    threads = WorkerThreads(3, "test")
    all_work = threading.Barrier(3, timeout=60)

    async def run() -> set[int]:
        await asyncio.gather(*(threads.run(all_work.wait) for _ in range(3)))
        return {await threads.run(threading.get_ident) for _ in range(9)}

    used = asyncio.run(run())
    threads.shutdown()

    assert len(used) == 1


def test_an_error_reaches_the_caller_and_the_thread_goes_on() -> None:
    threads = WorkerThreads(1, "test")

    async def run() -> int:
        with pytest.raises(ValueError, match="invalid literal"):
            await threads.run(int, "x")
        return await threads.run(int, "7")

    found = asyncio.run(run())
    threads.shutdown()

    assert found == 7


def test_work_ends_although_its_caller_is_cancelled() -> None:
    threads = WorkerThreads(1, "test")
    may_end, ended = threading.Event(), threading.Event()

    def work() -> None:
        may_end.wait(60)
        ended.set()

    async def run() -> bool:
        caller = asyncio.create_task(threads.run(work))
        await asyncio.sleep(0)
        caller.cancel()
        await asyncio.gather(caller, return_exceptions=True)
        may_end.set()
        return await threads.run(ended.is_set)

    found = asyncio.run(run())
    threads.shutdown()

    assert found
