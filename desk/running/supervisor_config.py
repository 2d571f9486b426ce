"""The supervisor's configuration file, written anew at each start. It holds no secret."""

import os
import shlex
from collections.abc import Iterable

from django.conf import settings

from desk.running.place import Place
from desk.running.programs import TIED, Program

MEGABYTE = 1_000_000
# How long a group may take to end before it is killed. The groups end one after the other, and on a
# busy machine a second or two go by around them: all of it has to fit into ten.
DESK_SECONDS, COUNTERPARTS_SECONDS = 4, 2


def render(place: Place, programs: Iterable[Program]) -> str:
    """Return the configuration: two groups, so that each stops as a whole and the desk's own first."""
    everything = list(programs)
    sections = [_daemon(place), *(_program(place, each) for each in everything)]
    sections += [_group(name, _members(everything, name)) for name in ("counterparts", "desk")]
    return "\n".join(sections)


def _members(programs: list[Program], group: str) -> list[str]:
    return [each.name for each in programs if each.is_counterpart is (group == "counterparts")]


def _daemon(place: Place) -> str:
    # Running as root without saying so makes the supervisor complain at each start.
    user = "user=root\n" if os.geteuid() == 0 else ""
    return f"""\
[unix_http_server]
file={_plain(place.supervisor_socket)}
chmod=0700

[supervisord]
nodaemon=true
silent=true
umask=077
directory={_plain(settings.BASE_DIR)}
logfile={_plain(place.logs / "supervisord.log")}
logfile_maxbytes={MEGABYTE}
pidfile={_plain(place.supervisor_pid)}
{user}
[rpcinterface:supervisor]
supervisor.rpcinterface_factory=supervisor.rpcinterface:make_main_rpcinterface
"""


def _program(place: Place, program: Program) -> str:
    return f"""\
[program:{program.name}]
command={_plain(shlex.join((*TIED, *program.command)))}
autorestart=true
startsecs={program.starts_seconds}
startretries=1000000
stopsignal=TERM
stopwaitsecs={COUNTERPARTS_SECONDS if program.is_counterpart else DESK_SECONDS}
# The parent alone is told to stop: SIGTERM to its whole group hangs qcluster.
stopasgroup=false
killasgroup=true
redirect_stderr=true
stdout_logfile={_plain(place.logs / f"{program.name}.log")}
stdout_logfile_maxbytes={10 * MEGABYTE}
stdout_logfile_backups=3
"""


def _group(name: str, members: list[str]) -> str:
    priority = 1 if name == "counterparts" else 2  # the lower starts first and stops last
    return f"[group:{name}]\nprograms={','.join(members)}\npriority={priority}\n"


def _plain(value: object) -> str:
    """Return the value with the supervisor's own expansions switched off."""
    return str(value).replace("%", "%%")
