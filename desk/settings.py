"""Settings of the desk: one environment variable each; the README's table is the reference."""

from decimal import Decimal
from pathlib import Path

import django_stubs_ext
import environ
from csp.constants import NONE, SELF, UNSAFE_EVAL, UNSAFE_INLINE

django_stubs_ext.monkeypatch()  # ModelAdmin[Order] and the like, at run time
BASE_DIR = Path(__file__).resolve().parent.parent
env = environ.FileAwareEnv()  # every X may also be given as X_FILE, a file that holds it
environ.Env.read_env(BASE_DIR / ".env")

# --- the process ---------------------------------------------------------------------------------
DEBUG = env.bool("DEBUG", default=False)
# Without a key of its own the desk serves loopback only; `check --deploy` refuses this one.
SECRET_KEY = env.str("SECRET_KEY", default="insecure-practice-key-for-loopback-only")
ALLOWED_HOSTS = env.list("ALLOWED_HOSTS", default=["127.0.0.1", "localhost", "[::1]"])
VAR_DIR = Path(env.str("VAR_DIR", default=str(BASE_DIR / "var")))
VAR_DIR.mkdir(parents=True, exist_ok=True)
DESK_ID = env.str("DESK_ID", default="d1")  # two desks on one account tell their orders apart by it

# --- the desk's rules ----------------------------------------------------------------------------
FOUR_EYES = env.bool("FOUR_EYES", default=True)  # a requester may not approve his own order
APPROVAL_SECONDS = env.int("APPROVAL_SECONDS", default=300)
LEASE_SECONDS = env.float("LEASE_SECONDS", default=8.0)
CALL_SECONDS = env.float("CALL_SECONDS", default=6.0)  # total deadline of one broker call; below the lease
ABSENCE_READS = env.int("ABSENCE_READS", default=3)  # complete listings without it prove absence
ABSENCE_SPACING_SECONDS = env.float("ABSENCE_SPACING_SECONDS", default=10.0)
ABSENCE_GRACE_SECONDS = env.float("ABSENCE_GRACE_SECONDS", default=30.0)
# How far an account's cash may be from what the day's trades make it, USD: fees are booked late.
CASH_TOLERANCE_VALUE = Decimal(env.str("CASH_TOLERANCE_VALUE", default="10.00"))

# --- counterparts --------------------------------------------------------------------------------
TASTYTRADE_USE_SANDBOX = env.bool("TASTYTRADE_USE_SANDBOX", default=True)
TASTYTRADE_DRY_RUN = env.bool("TASTYTRADE_DRY_RUN", default=False)
TASTYTRADE_SANDBOX_CLIENT_SECRET = env.str("TASTYTRADE_SANDBOX_CLIENT_SECRET", default="")
TASTYTRADE_SANDBOX_REFRESH_TOKEN = env.str("TASTYTRADE_SANDBOX_REFRESH_TOKEN", default="")
TASTYTRADE_SANDBOX_ACCOUNTS = env.list("TASTYTRADE_SANDBOX_ACCOUNTS", default=[])
TASTYTRADE_PRODUCTION_CLIENT_SECRET = env.str("TASTYTRADE_PRODUCTION_CLIENT_SECRET", default="")
TASTYTRADE_PRODUCTION_REFRESH_TOKEN = env.str("TASTYTRADE_PRODUCTION_REFRESH_TOKEN", default="")
TASTYTRADE_PRODUCTION_ACCOUNTS = env.list("TASTYTRADE_PRODUCTION_ACCOUNTS", default=[])
PRACTICE_EXCHANGE_URL = env.str("PRACTICE_EXCHANGE_URL", default="")
PRACTICE_CHAT_URL = env.str("PRACTICE_CHAT_URL", default="")
DISCORD_TOKEN = env.str("DISCORD_TOKEN", default="")
DISCORD_API_URL = env.str("DISCORD_API_URL", default="https://discord.com/api/v10")
DISCORD_GATEWAY_URL = env.str("DISCORD_GATEWAY_URL", default="")

# --- Django --------------------------------------------------------------------------------------
INSTALLED_APPS = [
    "unfold",
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "django_q",
    "csp",
    "desk",
    "orders",
    "bot",
]
MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
]
ROOT_URLCONF = "desk.urls"
WSGI_APPLICATION = "desk.wsgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.debug",
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ]
        },
    }
]
AUTHENTICATION_BACKENDS = ["desk.auth.DeskBackend"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 12}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
LANGUAGE_CODE = "en-us"
TIME_ZONE = "America/New_York"  # pages speak the market's time; the database holds UTC
USE_I18N = False
USE_TZ = True
STATIC_URL = "static/"
STATIC_ROOT = BASE_DIR / "staticfiles"

DATABASES = {"default": env.db_url("DATABASE_URL", default=f"sqlite:///{VAR_DIR / 'desk.sqlite3'}")}
if DATABASES["default"]["ENGINE"] == "django.db.backends.sqlite3":
    # IMMEDIATE makes every atomic block a writer at once: without it, measured with 4 writers, a third
    # of the transactions is lost to "database is locked". FULL: a committed intent survives power loss.
    DATABASES["default"]["OPTIONS"] = {
        "transaction_mode": "IMMEDIATE",
        "timeout": 20,
        "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL;",
    }
elif DATABASES["default"]["ENGINE"] == "django.db.backends.postgresql":
    # Who went without a word is given up within seconds, by us and by the server: the system's own patience
    # is two hours, in which a worker's threads would wait, or a row stay locked for a client that is gone.
    DATABASES["default"]["OPTIONS"] = {
        "connect_timeout": 5,
        "keepalives_idle": 2,
        "keepalives_interval": 1,
        "keepalives_count": 3,
        "tcp_user_timeout": 5000,
        "options": f"-c idle_in_transaction_session_timeout={LEASE_SECONDS * 1000:.0f}"
        " -c client_connection_check_interval=1000",
    } | DATABASES["default"].get("OPTIONS", {})
# Kept between requests, tasks and the bot's looks: measured with SQLite, a look takes 0.3 ms instead of 1.5.
DATABASES["default"].setdefault("CONN_MAX_AGE", 60)
DATABASES["default"].setdefault("CONN_HEALTH_CHECKS", True)

# --- security ------------------------------------------------------------------------------------
HTTPS = env.bool("HTTPS", default=False)  # true wherever the desk is reached over a network
SECURE_SSL_REDIRECT = HTTPS
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if HTTPS else None
SECURE_HSTS_SECONDS = 31_536_000 if HTTPS else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = HTTPS
SECURE_HSTS_PRELOAD = HTTPS
SESSION_COOKIE_SECURE = HTTPS
CSRF_COOKIE_SECURE = HTTPS
CSRF_TRUSTED_ORIGINS = env.list("CSRF_TRUSTED_ORIGINS", default=[])
SESSION_COOKIE_AGE = 12 * 3600
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [SELF],
        # Alpine, which the admin theme ships, compiles its expressions.
        "script-src": [SELF, UNSAFE_EVAL, UNSAFE_INLINE],
        "style-src": [SELF, UNSAFE_INLINE],
        "img-src": [SELF, "data:"],
        "object-src": [NONE],
        "frame-ancestors": [NONE],
        "form-action": [SELF],
        "base-uri": [NONE],
    }
}

# --- queue ---------------------------------------------------------------------------------------
CELERY_BROKER_URL = env.str("CELERY_BROKER_URL", default=f"redis+socket://{VAR_DIR / 'queue.sock'}")
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_DEFAULT_QUEUE = "desk"
CELERY_WORKER_POOL = "threads"
CELERY_WORKER_CONCURRENCY = env.int("WORKER_THREADS", default=4)
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
# Nobody sends a worker commands, and RabbitMQ keeps their queue locked for a connection that went without a
# word: until the server has noticed, neither the worker nor a new one of its name could come back.
CELERY_WORKER_ENABLE_REMOTE_CONTROL = False
CELERY_BROKER_HEARTBEAT = 5
CELERY_BROKER_CONNECTION_MAX_RETRIES = None
# A message is an alarm clock: publishing must never hold up the one who commits a row. Tried again
# once, over a new connection: without that beat would keep the one that its server's end has broken.
CELERY_TASK_PUBLISH_RETRY = True
CELERY_TASK_PUBLISH_RETRY_POLICY = {
    "max_retries": 1,
    "interval_start": 0,
    "interval_step": 0,
    "interval_max": 0,
}
# With the queue down a publisher gives up at once (kombu's own default holds it for 6 s).
CELERY_BROKER_TRANSPORT_OPTIONS = {
    "max_retries": 1,
    "interval_start": 0,
    "interval_step": 0,
    "interval_max": 0,
}
if not CELERY_BROKER_URL.startswith("amqp"):
    CELERY_BROKER_TRANSPORT_OPTIONS |= {
        "visibility_timeout": 60,
        "unacked_restore_interval": 1,
        "unacked_restore_throttle": 1,
        "socket_connect_timeout": 2,
        "socket_timeout": 5,
        "health_check_interval": 3,  # a half-open connection is noticed within twice as long, and a second
    }
CELERY_BEAT_SCHEDULE_FILENAME = str(VAR_DIR / "beat")
CELERY_BEAT_SCHEDULE = {
    "sweep": {"task": "orders.tasks.sweep", "schedule": 1.0, "options": {"expires": 1.0}},
}
Q_CLUSTER = {
    "name": "desk",
    "orm": "default",
    "workers": 1,
    "timeout": 50,
    "retry": 60,
    "max_attempts": 1,
    "catch_up": False,
    "scheduler": True,
    "save_limit": 500,
    "label": "Housekeeping",
}

# --- logs ----------------------------------------------------------------------------------------
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "filters": {"redact": {"()": "desk.logs.Redact"}},
    "formatters": {
        "line": {
            "()": "desk.logs.UtcFormatter",
            "format": "%(asctime)s %(levelname)-7s %(name)s: %(message)s",
        }
    },
    "handlers": {"stderr": {"class": "logging.StreamHandler", "filters": ["redact"], "formatter": "line"}},
    "root": {"handlers": ["stderr"], "level": env.str("LOG_LEVEL", default="INFO")},
    "loggers": {
        # The SDK logs its connect message, token and all, at DEBUG: never below WARNING.
        "tastytrade": {"level": "WARNING"},
        "httpx2": {"level": "WARNING"},
        "discord": {"level": "INFO"},
        # The sweep each second would drown everything else.
        "celery.beat": {"level": "WARNING"},
        "celery.worker.strategy": {"level": "WARNING"},
        "celery.app.trace": {"level": "WARNING"},
        "celery.worker.request": {"level": "WARNING"},
    },
}
UNFOLD = {
    "SITE_TITLE": "The desk",
    "SITE_HEADER": "The desk",
    "SITE_SYMBOL": "monitoring",
    "SITE_URL": None,
    "SHOW_VIEW_ON_SITE": False,
    "ENVIRONMENT": "desk.navigation.environment",
    "DASHBOARD_CALLBACK": "desk.dashboard.dashboard",
    "SITE_FAVICONS": [{"rel": "icon", "type": "image/svg+xml", "href": "desk.navigation.icon"}],
    "STYLES": ["desk.navigation.stylesheet"],
    "SCRIPTS": ["desk.navigation.script"],
    "SIDEBAR": {"navigation": "desk.navigation.sidebar"},
    "TABS": "desk.navigation.tabs",
}
