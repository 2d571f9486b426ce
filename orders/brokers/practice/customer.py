"""The practice customer, in every detail the broker keeps about one."""

from orders.brokers.practice.accounts import OPENED_AT
from orders.brokers.practice.wire import Json

ADDRESS: Json = {
    "street-one": "1 Practice Place",
    "city": "Chicago",
    "state-region": "IL",
    "postal-code": "60607",
    "country": "USA",
    "is-foreign": False,
    "is-domestic": True,
}


def customer_item() -> Json:
    return {
        "id": "me",
        "first-name": "Paula",
        "last-name": "Practice",
        "address": ADDRESS,
        "mailing-address": ADDRESS,
        "is-foreign": False,
        "regulatory-domain": "USA",
        "usa-citizenship-type": "Citizen",
        "mobile-phone-number": "+13125550100",
        "birth-date": "1990-01-01",
        "email": "desk@practice.test",
        "external-id": "practice",
        "tax-number-type": "SSN",
        "citizenship-country": "USA",
        "subject-to-tax-withholding": False,
        "agreed-to-margining": True,
        "agreed-to-terms": True,
        "has-industry-affiliation": False,
        "has-listed-affiliation": False,
        "has-political-affiliation": False,
        "has-delayed-quotes": False,
        "has-pending-or-approved-application": True,
        "is-professional": False,
        "identifiable-type": "Person",
        "permitted-account-types": [],
        "created-at": OPENED_AT,
    }
