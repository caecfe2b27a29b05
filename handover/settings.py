"""Settings: composition by dotted strings, secrets and addresses from the environment, nothing of a programme."""

from __future__ import annotations

import os
from pathlib import Path

import django_stubs_ext

from handover import engine
from handover.entrance import provider
from handover.operations import logs

django_stubs_ext.monkeypatch()

STATE = engine.state_folder()
DEBUG = os.environ.get("HANDOVER_DEBUG") == "1"
SECRET_KEY = engine.secret_key()
ALLOWED_HOSTS = os.environ.get("HANDOVER_HOSTS", "localhost,127.0.0.1,[::1],testserver").split(",")
CSRF_TRUSTED_ORIGINS = [origin for origin in os.environ.get("HANDOVER_ORIGINS", "").split(",") if origin]

INSTALLED_APPS = [
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.messages",
    "django.contrib.postgres",
    "django.contrib.sessions",
    "django.contrib.staticfiles",
    "django_htmx",
    "guardian",
    "rest_framework",
    "django_filters",
    "drf_spectacular",
    "procrastinate.contrib.django",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.socialaccount",
    "allauth.socialaccount.providers.openid_connect",
    "handover",
    "interventions",
    "indicators",
    # After the house: its own templates of widgets come first.
    "django.forms",
]

MIDDLEWARE = [
    "handover.operations.middleware.Watched",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "csp.middleware.CSPMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "handover.api.callers.Callers",
    "handover.views.middleware.WhoIsAsking",
    "handover.views.middleware.InTheirLanguage",
    "handover.views.middleware.Refusals",
    "django_htmx.middleware.HtmxMiddleware",
]

ROOT_URLCONF = "handover.urls"
WSGI_APPLICATION = "handover.wsgi.application"
ASGI_APPLICATION = "handover.asgi.application"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "handover.views.menu.menu",
            ],
        },
    },
]

FORM_RENDERER = "handover.views.forms.Renderer"

DATABASES = {"default": engine.database_settings(role=os.environ.get("HANDOVER_DB_ROLE", "web"))}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

AUTH_USER_MODEL = "handover.User"
AUTHENTICATION_BACKENDS = ["django.contrib.auth.backends.ModelBackend", "handover.access.GrantBackend"]
ANONYMOUS_USER_NAME = None
GUARDIAN_MONKEY_PATCH_USER = False
# guardian.W001 asks for guardian's own backend: ours answers instead, because guardian's knows no expiry.
# security.W005 and W021 ask to bind the domain's other sites too: they are not ours.
SILENCED_SYSTEM_CHECKS = ["guardian.W001", "security.W005", "security.W021"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 12}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
]
LOGIN_URL = "sign-in"
LOGIN_REDIRECT_URL = "home"
LOGOUT_REDIRECT_URL = "sign-in"

# allauth: a closed house. Operators make accounts; the adapters in handover.entrance let nobody else in.
ACCOUNT_ADAPTER = "handover.entrance.accounts.Accounts"
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*"]
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_SESSION_REMEMBER = True
ACCOUNT_FORMS = {
    "login": "handover.entrance.forms.SignIn",
    "reauthenticate": "handover.entrance.forms.PasswordAgain",
}
SOCIALACCOUNT_ADAPTER = "handover.entrance.identities.Identities"
SOCIALACCOUNT_PROVIDERS = provider.configured(
    issuer=os.environ.get("HANDOVER_OPENID_ISSUER", ""),
    client=os.environ.get("HANDOVER_OPENID_CLIENT", ""),
    secret=os.environ.get("HANDOVER_OPENID_SECRET", ""),
    name=os.environ.get("HANDOVER_OPENID_NAME", ""),
)
MFA_ADAPTER = "handover.entrance.factors.Factors"
MFA_SUPPORTED_TYPES = ["totp", "recovery_codes", "webauthn"]
MFA_PASSKEY_LOGIN_ENABLED = True
MFA_TOTP_ISSUER = "Handover toolkit"
MFA_FORMS = {
    "authenticate": "handover.entrance.forms.Code",
    "reauthenticate": "handover.entrance.forms.CodeAgain",
    "activate_totp": "handover.entrance.forms.AppOn",
    "add_webauthn": "handover.entrance.forms.Added",
    "login_webauthn": "handover.entrance.forms.SignsIn",
    "authenticate_webauthn": "handover.entrance.forms.SecondFactor",
    "reauthenticate_webauthn": "handover.entrance.forms.Again",
}
# How many proxies of your own stand before the server: attempts are counted by the address that the first one saw.
ALLAUTH_TRUSTED_PROXY_COUNT = int(os.environ.get("HANDOVER_PROXIES", "0"))

LANGUAGE_CODE = "en-gb"
LANGUAGES = [("en-gb", "English"), ("ro", "Română"), ("lt", "Lietuvių")]
LANGUAGE_COOKIE_HTTPONLY = True
LANGUAGE_COOKIE_SAMESITE = "Lax"
USE_I18N = True
USE_TZ = True
TIME_ZONE = "UTC"

STATIC_URL = "static/"
STATIC_ROOT = STATE / "static"
MEDIA_ROOT = Path(os.environ.get("HANDOVER_FILES", str(STATE / "files")))
# `handover serve` collects the files first and says so; else they are served from where they lie.
COLLECTED = os.environ.get("HANDOVER_STATIC") == "collected" and not DEBUG
WHITENOISE_USE_FINDERS = not COLLECTED
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {
        "BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"
        if COLLECTED
        else "django.contrib.staticfiles.storage.StaticFilesStorage"
    },
}
DATA_UPLOAD_MAX_MEMORY_SIZE = 5 * 1024 * 1024

# Whom people tell what they cannot read or use: an address or a telephone number, shown on the accessibility page.
CONTACT = os.environ.get("HANDOVER_CONTACT", "")

# Where people reach the installation: links in mails and calendars begin with it.
PUBLIC_URL = os.environ.get("HANDOVER_URL", "http://localhost:8000").rstrip("/")
# Without a mail server, mails lie as files in the state folder.
EMAIL_HOST = os.environ.get("HANDOVER_MAIL_HOST", "")
EMAIL_PORT = int(os.environ.get("HANDOVER_MAIL_PORT", "587"))
EMAIL_HOST_USER = os.environ.get("HANDOVER_MAIL_USER", "")
EMAIL_HOST_PASSWORD = os.environ.get("HANDOVER_MAIL_PASSWORD", "")
EMAIL_USE_TLS = os.environ.get("HANDOVER_MAIL_SECURITY", "starttls") == "starttls"
EMAIL_USE_SSL = os.environ.get("HANDOVER_MAIL_SECURITY", "starttls") == "tls"
EMAIL_TIMEOUT = 20
EMAIL_BACKEND = f"django.core.mail.backends.{'smtp' if EMAIL_HOST else 'filebased'}.EmailBackend"
EMAIL_FILE_PATH = STATE / "mail"
DEFAULT_FROM_EMAIL = os.environ.get("HANDOVER_MAIL_FROM", "Handover <handover@localhost>")

SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = os.environ.get("HANDOVER_HTTPS") == "1"
ACCOUNT_DEFAULT_HTTP_PROTOCOL = "https" if SESSION_COOKIE_SECURE else "http"
SECURE_HSTS_SECONDS = 31_536_000 if SESSION_COOKIE_SECURE else 0
SECURE_SSL_REDIRECT = SESSION_COOKIE_SECURE
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"

REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": [
        "handover.api.authentication.ByKey",
        "handover.api.authentication.BySession",
    ],
    "DEFAULT_PERMISSION_CLASSES": ["rest_framework.permissions.IsAdminUser"],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_PARSER_CLASSES": ["rest_framework.parsers.JSONParser"],
    "DEFAULT_SCHEMA_CLASS": "handover.api.schema.Described",
    "EXCEPTION_HANDLER": "handover.api.problems.answer",
    "UNAUTHENTICATED_USER": "django.contrib.auth.models.AnonymousUser",
    "URL_FORMAT_OVERRIDE": None,  # a header says what is wanted; ?format= is as unknown as any other
}
SPECTACULAR_SETTINGS = {
    "TITLE": "Handover toolkit",
    "DESCRIPTION": "Programmes change hands from an NGO to a municipality, with permissions and indicators preserved.",
    "VERSION": "1",
    "OAS_VERSION": "3.1.0",
    "SERVE_INCLUDE_SCHEMA": False,
    "SCHEMA_PATH_PREFIX": "/api/v1",
    "COMPONENT_SPLIT_REQUEST": True,
    "ENUM_GENERATE_CHOICE_DESCRIPTION": True,
    "SORT_OPERATIONS": True,
    "POSTPROCESSING_HOOKS": ["handover.api.schema.complete"],
}
REQUESTS_A_MINUTE = {
    "token": int(os.environ.get("HANDOVER_TOKEN_REQUESTS", "600")),
    "user": int(os.environ.get("HANDOVER_USER_REQUESTS", "1200")),
}

# Kinds of jobs are registered by the apps' AppConfig.ready(); no module is looked for by its name.
PROCRASTINATE_AUTODISCOVER_MODULE_NAME = ""

WEBHOOKS_HTTP = os.environ.get("HANDOVER_WEBHOOKS_HTTP") == "1"
WEBHOOKS_ALLOW = [
    net.strip() for net in os.environ.get("HANDOVER_WEBHOOKS_ALLOW", "").split(",") if net.strip()
]

# Whose electronic signatures are called known: a file of certificates (PEM), for example of a qualified provider.
TRUSTED_SIGNERS = (
    Path(os.environ["HANDOVER_SIGNERS"]).read_text() if os.environ.get("HANDOVER_SIGNERS") else ""
)

INSTALLATION_KEY = Path(os.environ.get("HANDOVER_KEY", str(STATE / "installation.key")))
FORMER_KEYS = [
    name.strip().lower() for name in os.environ.get("HANDOVER_FORMER_KEYS", "").split(",") if name.strip()
]
LOGGING = logs.configuration(os.environ.get("HANDOVER_LOG", "text"))

# Whoever brings it reads /metrics; without one there is no such address.
METRICS_KEY = os.environ.get("HANDOVER_METRICS_KEY", "")

CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": ["'none'"],
        "script-src": ["'self'"],
        "style-src": ["'self'"],
        "img-src": ["'self'", "data:"],
        "font-src": ["'self'"],
        "connect-src": ["'self'"],
        "form-action": ["'self'"],
        "base-uri": ["'none'"],
        "frame-ancestors": ["'none'"],
    },
}
