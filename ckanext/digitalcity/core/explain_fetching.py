"""Reasons why a file could not even be fetched."""

from __future__ import annotations

from .explanation import N_, Explanation

FETCHING = {
    "file-gone": Explanation(
        N_("There is nothing at the address"),
        N_("The source lists a file, but its server says that there is none."),
        N_("Correct the address at the source, or take the file off its list."),
    ),
    "no-access": Explanation(
        N_("The source does not let us in"),
        N_("Its server asks for a password or refuses us."),
        N_("Ask the owner of the source to make the file public."),
    ),
    "unexpected-answer": Explanation(
        N_("The source did not send the file"),
        N_("Its server answered with something that is neither the file nor an error we know."),
        N_("Open the address in a browser to see what it says."),
    ),
    "address-refused": Explanation(
        N_("The address is not allowed"),
        N_("It leads into a private network or to this machine itself, which no source may do."),
        N_("Give a public address, or ask the operator to allow this one."),
    ),
    "bad-address": Explanation(
        N_("The address cannot be read"),
        N_("It is not a web address that starts with http:// or https://."),
        N_("Correct the address."),
    ),
    "redirects": Explanation(
        N_("The address leads round in circles"),
        N_("It sends us on to another address more often than is reasonable."),
        N_("Give the address where the file really is."),
    ),
    "not-json": Explanation(
        N_("The answer is not JSON"),
        N_("The source should answer in JSON, and its answer is something else or broken."),
        N_("Tell whoever runs the source."),
    ),
    "not-a-list": Explanation(
        N_("The answer is no list"),
        N_("The source should answer with a list of values, and there is none in its answer."),
        N_("Tell whoever runs the source."),
    ),
    "bad-time": Explanation(
        N_("A time cannot be read"),
        N_("The source gives a time that is not written as ISO 8601 says."),
        N_("Tell whoever runs the source."),
    ),
    "no-files": Explanation(
        N_("There is no file"),
        N_("The record names no file that could be checked and published."),
        N_("Add a file at the source, or leave the record out."),
    ),
    "robots": Explanation(
        N_("The server asks programs not to read this"),
        N_("Its robots.txt names this address among those that programs should leave alone."),
        N_("Ask the owner of the server. If they agree, write “robots: agreed” into the recipe."),
    ),
    "unreachable": Explanation(
        N_("The source did not answer"),
        N_("Its server could not be reached, or has been failing for so long that this run did without it."),
        N_("Nothing, if it passes: the next run asks again. If it does not, tell whoever runs the source."),
    ),
}
