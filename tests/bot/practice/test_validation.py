"""What a bot's author gets wrong is refused in Discord's words."""

import pytest

from bot.practice import world
from tests.bot.practice.chat_fixture import Refused

MESSAGES = f"/channels/{world.CHANNELS['orders']}/messages"


def leaf(body, path):
    """Return the error objects at a path such as `embeds.0.title`."""
    node = body["errors"]
    for part in path.split("."):
        node = node[part]
    return [(error["code"], error["message"]) for error in node["_errors"]]


def buttons(*children):
    return {"components": [{"type": 1, "components": list(children)}]}


def button(**more):
    return {"type": 2, "style": 1, "label": "Go", "custom_id": "go"} | more


LONG = "BASE_TYPE_MAX_LENGTH"
LENGTH = "BASE_TYPE_BAD_LENGTH"
REQUIRED = ("BASE_TYPE_REQUIRED", "This field is required")
FIELD = {"name": "n", "value": "v"}


@pytest.mark.parametrize(
    ("words", "path", "error"),
    [
        pytest.param(
            {"content": "x" * 2001}, "content", (LONG, "Must be 2000 or fewer in length."), id="content"
        ),
        pytest.param(
            {"content": "x", "nonce": "n" * 26}, "nonce", (LONG, "Must be 25 or fewer in length."), id="nonce"
        ),
        pytest.param(
            {"embeds": [{"title": "x" * 257}]},
            "embeds.0.title",
            (LONG, "Must be 256 or fewer in length."),
            id="embed title",
        ),
        pytest.param(
            {"embeds": [{"description": "x" * 4097}]},
            "embeds.0.description",
            (LONG, "Must be 4096 or fewer in length."),
            id="embed description",
        ),
        pytest.param(
            {"embeds": [{"fields": [FIELD] * 26}]},
            "embeds.0.fields",
            (LENGTH, "Must be between 0 and 25 in length."),
            id="embed fields",
        ),
        pytest.param(
            {"embeds": [{"fields": [FIELD | {"name": "x" * 257}]}]},
            "embeds.0.fields.0.name",
            (LONG, "Must be 256 or fewer in length."),
            id="field name",
        ),
        pytest.param(
            {"embeds": [{"fields": [FIELD | {"value": "x" * 1025}]}]},
            "embeds.0.fields.0.value",
            (LONG, "Must be 1024 or fewer in length."),
            id="field value",
        ),
        pytest.param(
            {"embeds": [{"fields": [FIELD | {"value": ""}]}]},
            "embeds.0.fields.0.value",
            REQUIRED,
            id="empty value",
        ),
        pytest.param(
            {"embeds": [{"description": "x" * 3001}, {"description": "x" * 3000}]},
            "embeds",
            ("MAX_EMBED_SIZE_EXCEEDED", "Embed size exceeds maximum size of 6000"),
            id="embeds together",
        ),
        pytest.param(
            {"embeds": [{"title": "x"}] * 11},
            "embeds",
            (LENGTH, "Must be between 0 and 10 in length."),
            id="too many embeds",
        ),
        pytest.param(
            {"embeds": [{"footer": {"text": "x" * 2049}}]},
            "embeds.0.footer.text",
            (LONG, "Must be 2048 or fewer in length."),
            id="footer",
        ),
        pytest.param(
            buttons(button(custom_id="x" * 101)),
            "components.0.components.0.custom_id",
            (LONG, "Must be 100 or fewer in length."),
            id="custom_id",
        ),
        pytest.param(
            buttons(button(custom_id=None)),
            "components.0.components.0.custom_id",
            REQUIRED,
            id="no custom_id",
        ),
        pytest.param(
            buttons(button(label="x" * 81)),
            "components.0.components.0.label",
            (LONG, "Must be 80 or fewer in length."),
            id="button label",
        ),
        pytest.param(
            buttons(button(style=5, custom_id=None)),
            "components.0.components.0.url",
            REQUIRED,
            id="link without url",
        ),
        pytest.param(
            buttons(*[button(custom_id=str(n)) for n in range(6)]),
            "components.0.components",
            (LENGTH, "Must be between 1 and 5 in length."),
            id="six buttons in a row",
        ),
        pytest.param(
            {"components": [{"type": 1, "components": [button(custom_id=str(n))]} for n in range(6)]},
            "components",
            (LENGTH, "Must be between 1 and 5 in length."),
            id="six rows",
        ),
        pytest.param(
            buttons(button(), button()),
            "components",
            ("COMPONENT_CUSTOM_ID_DUPLICATED", "Component custom id cannot be duplicated"),
            id="custom_id twice",
        ),
        pytest.param(
            {"content": "x", "message_reference": {"message_id": "1457742938112009999"}},
            "message_reference",
            ("REPLIES_UNKNOWN_MESSAGE", "Unknown message"),
            id="reply to nothing",
        ),
    ],
)
def test_a_message_beyond_a_limit_is_an_invalid_form(chat, words, path, error):
    with pytest.raises(Refused) as refused:
        chat.as_bot("POST", MESSAGES, words)

    assert refused.value.status == 400
    assert (refused.value.body["code"], refused.value.body["message"]) == (50035, "Invalid Form Body")
    assert leaf(refused.value.body, path) == [error]
    assert chat.messages() == []


@pytest.mark.parametrize(
    "words",
    [
        pytest.param({"content": "x" * 2000}, id="content"),
        pytest.param({"embeds": [{"title": "x" * 256, "fields": [FIELD] * 25}]}, id="fields"),
        pytest.param({"embeds": [{"description": "x" * 3000}] * 2}, id="embeds together"),
        pytest.param(
            {
                "components": [
                    {
                        "type": 1,
                        "components": [button(custom_id=f"{row}{n}", label="x" * 80) for n in range(5)],
                    }
                    for row in range(5)
                ]
            },
            id="25 buttons",
        ),
    ],
)
def test_a_message_at_its_limits_is_taken(chat, words):
    message = chat.as_bot("POST", MESSAGES, words)

    assert [one["id"] for one in chat.messages()] == [message["id"]]


@pytest.mark.parametrize(
    "words",
    [
        pytest.param({"content": ""}, id="nothing"),
        pytest.param({"content": " \n "}, id="white space"),
        pytest.param({"content": None, "embeds": [{}]}, id="an embed that shows nothing"),
    ],
)
def test_an_empty_message_is_refused(chat, words):
    with pytest.raises(Refused) as refused:
        chat.as_bot("POST", MESSAGES, words)

    assert (refused.value.status, refused.value.body) == (
        400,
        {"message": "Cannot send an empty message", "code": 50006},
    )


def test_an_edit_that_empties_a_message_is_refused(chat):
    message = chat.as_bot("POST", MESSAGES, {"content": "x"})
    with pytest.raises(Refused) as refused:
        chat.as_bot("PATCH", f"{MESSAGES}/{message['id']}", {"content": ""})

    assert refused.value.body["code"] == 50006
    assert [one["content"] for one in chat.messages()] == ["x"]


@pytest.mark.parametrize(
    ("method", "path", "status", "code"),
    [
        pytest.param("GET", "/channels/1457742938112000999", 404, 10003, id="channel"),
        pytest.param("GET", f"{MESSAGES}/1457742938112000999", 404, 10008, id="message"),
        pytest.param("GET", "/guilds/1457742938112000999", 404, 10004, id="guild"),
        pytest.param("GET", f"/guilds/{world.GUILD_ID}/members/1457742938112000999", 404, 10007, id="member"),
        pytest.param("GET", "/users/1457742938112000999", 404, 10013, id="user"),
        pytest.param("POST", f"/webhooks/{world.APPLICATION_ID}/nothing", 404, 10015, id="webhook"),
        pytest.param(
            "POST", "/interactions/1457742938112000999/nothing/callback", 404, 10062, id="interaction"
        ),
        pytest.param("GET", "/applications/1457742938112000999/commands", 403, 50001, id="application"),
        pytest.param("GET", "/nowhere", 404, 0, id="route"),
    ],
)
def test_what_is_not_there_is_answered_with_its_code(chat, method, path, status, code):
    with pytest.raises(Refused) as refused:
        chat.as_bot(method, path)

    assert (refused.value.status, refused.value.body["code"]) == (status, code)


@pytest.mark.parametrize(
    ("query", "error"),
    [
        pytest.param("after=abc", ("NUMBER_TYPE_COERCE", 'Value "abc" is not int.'), id="no id"),
        pytest.param(
            "limit=101", ("NUMBER_TYPE_RANGE", "int value should be between 1 and 100."), id="limit"
        ),
    ],
)
def test_a_wrong_bound_of_a_history_is_an_invalid_form(chat, query, error):
    with pytest.raises(Refused) as refused:
        chat.as_bot("GET", f"{MESSAGES}?{query}")

    assert leaf(refused.value.body, query.split("=")[0]) == [error]


def test_bots_do_not_write_to_bots(chat):
    with pytest.raises(Refused) as refused:
        chat.as_bot("POST", "/users/@me/channels", {"recipient_id": world.MEMBERS["newsbot"].id})

    assert (refused.value.status, refused.value.body["code"]) == (403, 50007)


def test_a_missing_token_is_unauthorized(chat):
    with pytest.raises(Refused) as refused:
        chat.request("GET", "/api/v10/users/@me")

    assert (refused.value.status, refused.value.body) == (401, {"message": "401: Unauthorized", "code": 0})
