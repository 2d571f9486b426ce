from orders.language.alerts import concerns, words


def test_no_word_plays_two_parts():
    parts = [word for listed in words._ROLES.values() for word in listed.split()]
    parts += [verb.replace(" ", "_") for verb in words.VERBS] + list(words.SIDES)
    assert [word for word in sorted(parts) if parts.count(word) > 1] == []


def test_no_sign_means_two_things():
    signs = [
        sign
        for table in (concerns.FIRM, concerns.SOFT)
        for listed in table.values()
        for sign in listed.split()
    ]
    assert [sign for sign in sorted(signs) if signs.count(sign) > 1] == []
