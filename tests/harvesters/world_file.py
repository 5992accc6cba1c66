"""One file at one address. It is one record and has no list, so much of the contract cannot be asked."""

from __future__ import annotations

from typing import Any, ClassVar

from pytest_httpserver import HTTPServer
from werkzeug import Request, Response
from worlds import World

from ckanext.digitalcity.core.model import Recipe

ONE = "the source is one record, which is always there"
LIST = "there is no list: what the server answers is the file, and said when that is read"
WORDS = "all words are the recipe's, which has rules of its own"


class Site(World):
    """A web server with a file; the record goes by the recipe's name."""

    kind = "file"
    path = "/trees.csv"
    cannot: ClassVar = {
        "test_an_empty_source_lists_nothing": ONE,
        "test_every_record_of_many_pages_is_listed_once": ONE,
        "test_a_list_that_breaks_off_in_the_middle_is_incomplete": ONE,
        "test_a_list_that_goes_round_in_a_circle_ends_with_an_error": ONE,
        "test_a_record_listed_again_never_counts_as_another": ONE,
        "test_a_record_that_vanishes_is_no_longer_listed": ONE,
        "test_a_record_that_vanishes_after_it_was_listed_is_gone_or_as_it_was": ONE,
        "test_an_answer_about_another_record_never_becomes_this_one": ONE,
        "test_the_cursor_of_another_source_does_no_harm": ONE,
        "test_a_list_that_was_left_in_its_middle_is_read_anew_in_full": ONE,
        "test_each_step_can_be_done_by_another_process": "it begins with two records; test_file.py has one",
        "test_an_odd_id_stays_what_it_is_and_leads_to_its_own_file": ONE,
        "test_an_id_that_looks_like_a_path_stays_what_it_is": ONE,
        "test_a_list_on_a_server_in_trouble_is_incomplete": LIST,
        "test_an_address_without_a_list_needs_a_person": LIST,
        "test_a_web_page_instead_of_a_list_is_named_as_such": LIST,
        "test_a_garbled_list_is_no_list": LIST,
        "test_an_absurd_list_is_no_list": LIST,
        "test_a_list_that_is_too_large_is_not_read": LIST,
        "test_a_private_address_is_not_read_unless_it_is_allowed": "said when the file is read: see test_file.py",
        "test_a_list_in_another_encoding_is_read_rightly_or_not_at_all": LIST,
        "test_a_list_can_be_read_twice_by_the_same_source": ONE,
        "test_a_record_comes_in_its_own_words_and_its_file_with_its_format": WORDS,
        "test_a_changed_record_has_another_version": WORDS,
        "test_members_and_columns_that_nobody_knows_are_left_alone": WORDS,
        "test_markup_in_a_title_stays_the_text_that_it_is": WORDS,
        "test_a_title_is_one_line_of_bearable_length_without_tricks": WORDS,
        "test_words_of_absurd_length_are_cut_or_refused": WORDS,
        "test_a_time_without_a_zone_gets_none": WORDS,
        "test_records_in_which_everything_is_empty_do_no_harm": WORDS,
    }

    def __init__(self, server: HTTPServer) -> None:
        super().__init__(server)
        self.body = b""

    def recipe(self, **changes: Any) -> Recipe:
        return super().recipe(**{"name": "x1", **changes})

    def is_file(self, request: Request) -> bool:
        return True

    def list(self, request: Request) -> Response:
        raise NotImplementedError

    def file(self, request: Request) -> Response:
        response = Response(self.body, content_type="text/csv")
        response.add_etag()
        return response.make_conditional(request)

    def add(self, id_: str, **facts: Any) -> None:
        self.body = b"a,b\r\n1,2\r\n"

    def change_file(self, id_: str) -> None:
        self.body += b"3,4\r\n"

    def change(self, id_: str, **facts: Any) -> None:
        raise NotImplementedError

    def remove(self, id_: str) -> None:
        raise NotImplementedError

    def repeat(self, id_: str) -> None:
        raise NotImplementedError

    def break_off(self) -> None:
        raise NotImplementedError

    def go_round(self) -> None:
        raise NotImplementedError

    def garble(self) -> Response:
        raise NotImplementedError

    def blank(self) -> None:
        raise NotImplementedError
