"""A person at a browser without JavaScript: opens the page, fills in its form as it stands, agrees, follows where it leads."""

import html.parser
import sys
import urllib.parse
import urllib.request


class Form(html.parser.HTMLParser):
    """The form of a page: where it goes, what is filled in already, and the first answer to each choice."""

    def __init__(self, page):
        super().__init__()
        self.action = None
        self.values = {}
        self.feed(page)

    def handle_starttag(self, tag, attributes):
        attributes = dict(attributes)
        if tag == "form":
            self.action = attributes["action"]
        if tag in ("input", "button") and "name" in attributes:
            self.values.setdefault(attributes["name"], attributes.get("value", ""))


def agree(url):
    """Goes through the forms that `url` leads to, at most three of them; gives the text of the last page."""
    for _ in range(3):
        with urllib.request.urlopen(url, timeout=30) as answer:
            page, place = answer.read().decode(), answer.geturl()
        form = Form(page)
        if form.action is None:
            return page
        origin = "{0.scheme}://{0.netloc}".format(urllib.parse.urlsplit(place))
        body = urllib.parse.urlencode(form.values).encode()
        url = urllib.request.Request(urllib.parse.urljoin(place, form.action), body, {"Origin": origin})
    return urllib.request.urlopen(url, timeout=30).read().decode()


if __name__ == "__main__":
    agree(sys.argv[1])
