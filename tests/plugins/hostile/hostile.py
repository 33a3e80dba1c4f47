"""A plugin that misbehaves in every way it can think of: one action for each."""

import os
import socket
import sys
import threading
import time

import estafet


class Unspeakable(Exception):
    def __str__(self):
        raise RuntimeError("do not ask")


def loop(call):
    while True:
        pass


def stubborn(call):
    while True:
        try:
            while True:
                pass
        except BaseException:
            continue


def eat(call):
    return {"size": len(bytearray(2 << 30))}


def exit_at_once(call):
    os._exit(7)


def system_exit(call):
    sys.exit("enough")


def huge(call):
    return {"text": "x" * 100_000_000}


def block(call):
    listener = socket.create_server(("127.0.0.1", 0))
    return {"said": listener.accept()[0].recv(1)}


def unspeakable(call):
    raise Unspeakable


def no_json(call):
    return {"what": object()}


def noisy(call):
    os.write(1, b"{}\n" * 1000)
    print("hello from a plugin", flush=True)  # noqa: T201 (what it is there for)
    return {"fine": True}


def environment(call):
    os.environ.clear()
    os.environ["PATH"] = "/nowhere"
    return {"fine": True}


def thread(call):
    threading.Thread(target=time.sleep, args=(60,), daemon=False).start()
    return {"fine": True}


def secrets(call):
    text = " ".join(f"{name}={value}" for name, value in os.environ.items())
    return {"seen": [name for name in ("ESTAFET_DATABASE_URL", "ESTAFET_SECRET_KEY") if name in text]}


DEEDS = (
    loop, stubborn, eat, exit_at_once, system_exit, huge, block, unspeakable, no_json, noisy, environment, thread, secrets,
)  # fmt: skip


@estafet.hookimpl
def register_actions():
    return [estafet.Action(f"hostile.{deed.__name__}", deed) for deed in DEEDS]


@estafet.hookimpl
def check_connection(settings):
    return "still here"
