"""The chat page in a real browser, with the real discord.py behind it."""

import shutil

import discord
import pytest
from playwright.sync_api import expect, sync_playwright

from bot.practice import world
from tests.bot.practice.chat_fixture import all_intents, running_chat, running_client
from tests.bot.practice.clients import Recorder
from tests.surroundings import BROWSERS

CHROMIUM = next(filter(None, map(shutil.which, BROWSERS)), None)
pytestmark = pytest.mark.browser


class Reason(discord.ui.Modal, title="Deny order 7"):
    reason = discord.ui.TextInput(label="Reason", custom_id="reason")

    async def on_submit(self, interaction):
        await interaction.response.edit_message(content=f"denied: {self.reason.value}", view=None)


class Panel(discord.ui.View):
    @discord.ui.button(label="Approve", custom_id="approve")
    async def approve(self, interaction, button):
        await interaction.response.send_message("You may not approve.", ephemeral=True)

    @discord.ui.button(label="Deny", custom_id="deny")
    async def deny(self, interaction, button):
        await interaction.response.send_modal(Reason())

    @discord.ui.button(label="Silent", custom_id="silent")
    async def silent(self, interaction, button):
        return


class Answering(Recorder):
    def __init__(self):
        super().__init__(all_intents())

    async def setup_hook(self):
        # Known before the first message: discord.py registers a sent view only once its answer is read.
        self.add_view(Panel(timeout=None))

    async def on_message(self, message):
        if message.content.startswith("!tt"):
            embed = discord.Embed(title="Order 7", description="**BUY** 2 `SPY`", colour=0xE3B341)
            embed.add_field(name="Ladder", value="```\n4.15 4.20\n```")
            await message.reply("Waiting", embed=embed, view=Panel(timeout=None))


@pytest.fixture(scope="module")
def browser():
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox", "--disable-gpu"])
        yield browser
        browser.close()


@pytest.fixture(scope="module")
def answering():
    """A practice Discord with a bot that answers `!tt`."""
    with running_chat() as chat, running_client(chat, Answering):
        yield chat


@pytest.fixture
def chat(answering):
    answering.control("POST", "reset")
    answering.control("POST", "limits", mode="off")
    return answering


@pytest.fixture
def open_page(chat, browser):
    """Open the page as a member; every error of its scripts fails the test."""
    pages, errors = [], []

    def open_as(member, channel="orders", width=1400):
        page = browser.new_page(viewport={"width": width, "height": 900})
        page.on("pageerror", lambda error: errors.append(str(error)))
        page.on("console", lambda line: errors.append(line.text) if line.type == "error" else None)
        page.goto(f"{chat.url}/?member={member}&channel={channel}")
        page.locator("#messages > li").first.wait_for()
        pages.append(page)
        return page

    yield open_as
    for page in pages:
        page.close()
    assert errors == []


def say(page, text):
    page.get_by_role("textbox", name="Message").fill(text)
    page.keyboard.press("Enter")


def test_a_command_is_typed_answered_and_pressed_by_two_people(open_page):
    tessa, ada = open_page("tessa"), open_page("ada", width=390)
    say(tessa, "!tt bto 2 SPY 18dec 600c")
    expect(ada.locator(".embed h3")).to_have_text("Order 7")
    ada.get_by_role("button", name="Deny").click()
    ada.get_by_label("Reason").fill("too big")
    ada.get_by_role("button", name="Submit").click()

    expect(tessa.get_by_text("denied: too big")).to_be_visible()
    expect(tessa.get_by_text("(edited)")).to_be_visible()
    expect(tessa.get_by_role("button", name="Deny")).to_have_count(0)


def test_an_ephemeral_answer_is_shown_to_the_one_who_pressed(open_page):
    tessa, theo = open_page("tessa"), open_page("theo")
    say(tessa, "!tt x")
    tessa.get_by_role("button", name="Approve", exact=True).click()
    expect(tessa.get_by_text("Only you can see this")).to_be_visible()
    say(tessa, "after it")
    expect(theo.get_by_text("after it")).to_be_visible()

    expect(theo.get_by_text("You may not approve.")).to_have_count(0)


def test_a_button_without_an_answer_says_that_it_failed(chat, open_page):
    chat.control("POST", "interactions", ack_seconds=0.1)
    page = open_page("tessa")
    say(page, "!tt x")
    page.get_by_role("button", name="Silent").click()

    expect(page.get_by_text("This interaction failed.")).to_be_visible()


def test_own_messages_are_edited_and_deleted(chat, open_page):
    page = open_page("tessa")
    say(page, "one")
    expect(page.get_by_text("one", exact=True)).to_be_visible()
    page.keyboard.press("ArrowUp")
    say(page, "two")
    expect(page.get_by_text("(edited)")).to_be_visible()
    page.locator(".message").hover()
    page.get_by_role("button", name="Delete").click()
    page.get_by_role("button", name="Delete now?").click()

    expect(page.get_by_text("Nothing has been said here yet.")).to_be_visible()
    assert chat.messages() == []


def test_shift_and_enter_make_a_new_line(chat, open_page):
    page = open_page("tessa")
    page.get_by_role("textbox", name="Message").fill("one")
    page.keyboard.press("Shift+Enter")
    page.keyboard.type("two")
    page.keyboard.press("Enter")
    expect(page.locator(".message .line")).to_have_text(["one", "two"])

    assert [message["content"] for message in chat.messages()] == ["one\ntwo"]


def test_typing_is_shown_to_the_others(open_page):
    tessa, ada = open_page("tessa"), open_page("ada")
    tessa.get_by_role("textbox", name="Message").type("hm")

    expect(ada.locator("#typing")).to_have_text("Tessa Trader is typing…")


def test_an_example_fills_the_line(open_page):
    page = open_page("tessa")
    page.get_by_role("button", name="!tt help").click()

    expect(page.get_by_role("textbox", name="Message")).to_have_value("!tt help")


@pytest.mark.parametrize(
    ("day", "expiry"),
    [
        pytest.param("2026-12-13", "18dec", id="the Friday after"),
        pytest.param("2026-12-18", "18dec", id="the day itself"),
        pytest.param("2026-12-19", "15jan", id="the day after, and another year"),
    ],
)
def test_the_example_names_a_monthly_that_is_still_to_come(open_page, day, expiry):
    found = open_page("tessa").evaluate(
        """async (day) => (await import("/page/composer.js")).nextMonthly(new Date(`${day}T12:00`))""", day
    )

    assert found == expiry


@pytest.mark.parametrize("width", [390, 1400])
def test_nothing_is_wider_than_the_window(chat, open_page, width):
    chat.say(
        "newsbot", "x" * 400, embeds=[{"title": "y" * 200, "description": "```\n" + "z" * 300 + "\n```"}]
    )
    page = open_page("tessa", width=width)

    assert page.evaluate("document.documentElement.scrollWidth") == width
    assert page.evaluate("document.getElementById('list').scrollWidth <= window.innerWidth")


def test_the_bots_presence_is_shown(open_page):
    expect(open_page("tessa").locator("#bot-state")).to_have_text("Desk is here")


MARKUP = """async ([text, member]) => {
  const { markup } = await import("/page/markup.js");
  const { namesFor } = await import("/page/names.js");
  const world = await (await fetch("/practice/world")).json();
  const box = document.createElement("div");
  box.append(markup(text, namesFor(world, member)));
  box.querySelectorAll("time").forEach((time) => time.replaceWith("TIME"));
  return box.innerHTML;
}"""
ADA, APPROVERS, LOBBY = world.MEMBERS["ada"].id, world.ROLES["Approvers"], world.CHANNELS["lobby"]


def lines(*contents):
    return "".join(f'<div class="line">{content}</div>' for content in contents)


def test_markup_is_rendered_and_everything_else_is_text(open_page):
    page = open_page("tessa")
    cases = {
        "plain 2*3*4 snake_case_name": lines("plain 2<em>3</em>4 snake_case_name"),
        "**bold** *it* _it_ ~~no~~": lines("<strong>bold</strong> <em>it</em> <em>it</em> <s>no</s>"),
        "**bold `code`**": lines("<strong>bold <code>code</code></strong>"),
        "`<b>`": lines("<code>&lt;b&gt;</code>"),
        "\\*not\\*": lines("*not*"),
        "```py\na < b\n```": "<pre><code>a &lt; b</code></pre>",
        "a\n```\nb\n```\nc": lines("a") + "<pre><code>b</code></pre>" + lines("c"),
        "```open": lines("```open"),
        "> q\nr": f"<blockquote>{lines('q')}</blockquote>" + lines("r"),
        f"<@{ADA}>": lines('<span class="mention">@Ada Approver</span>'),
        f"<@&{APPROVERS}>": lines('<span class="mention">@Approvers</span>'),
        f"<#{LOBBY}>": lines('<span class="mention">#lobby</span>'),
        "<@12345678901234567>": lines('<span class="mention">@someone</span>'),
        "<t:1790000000:R> <t:1790000000:T>": lines("TIME TIME"),
        "<img src=x onerror=alert(1)>": lines("&lt;img src=x onerror=alert(1)&gt;"),
        "https://a.example/?b=1": lines('<span class="link">https://a.example/?b=1</span>'),
        "[x](javascript:alert(1))": lines("[x](javascript:alert(1))"),
    }

    assert {text: page.evaluate(MARKUP, [text, "tessa"]) for text in cases} == cases


def test_a_light_is_drawn_by_the_page_where_no_font_has_it(open_page):
    page = open_page("tessa")
    colours = page.evaluate(
        """async () => {
          const { markup } = await import("/page/markup.js");
          const box = document.querySelector("#messages").appendChild(document.createElement("li"));
          box.append(markup("🟡 **Waiting** 🔵🟢⚪🔴", null));
          return [...box.querySelectorAll(".light")].map((one) => {
            const style = getComputedStyle(one);
            return [one.textContent, style.backgroundColor, style.color, one.getBoundingClientRect().width > 8];
          });
        }"""
    )

    unseen = "rgba(0, 0, 0, 0)"
    assert colours == [
        ["🟡", "rgb(240, 180, 41)", unseen, True],
        ["🔵", "rgb(79, 143, 247)", unseen, True],
        ["🟢", "rgb(63, 179, 111)", unseen, True],
        ["⚪", "rgb(181, 186, 196)", unseen, True],
        ["🔴", "rgb(229, 86, 91)", unseen, True],
    ]


def test_a_mention_of_oneself_stands_out(open_page):
    rendered = open_page("ada").evaluate(MARKUP, [f"<@{ADA}> <@&{APPROVERS}>", "ada"])

    assert rendered == lines(
        '<span class="mention me">@Ada Approver</span> <span class="mention me">@Approvers</span>'
    )


def test_on_a_phone_the_tools_lie_beside_what_a_message_replies_to(chat, browser):
    page = browser.new_context(
        viewport={"width": 390, "height": 844}, has_touch=True, is_mobile=True
    ).new_page()
    page.goto(f"{chat.url}/?member=tessa&channel=orders")
    page.locator("#messages > li").first.wait_for()
    say(page, "!tt bto 2 SPY 18dec 600c and some words more")
    page.locator(".embed").wait_for()
    right, left = page.evaluate(
        """() => {
          const item = document.querySelector(".message:last-child");
          const text = item.querySelector(".reply button").getBoundingClientRect();
          return [text.right, item.querySelector(".tools").getBoundingClientRect().left];
        }"""
    )

    assert right <= left
