"""What a line is by its own words: captions, credits, headings, corrections, furniture."""

import pytest

from qa_service.parsing.captions import caption_words, credit_start, is_caption, is_credit, is_file_photo
from qa_service.parsing.headings import (
    ends_sentence,
    is_enclosed,
    is_heading_like,
    is_inner_heading,
    is_title_case,
    numbering,
)
from qa_service.parsing.lines import units_of
from qa_service.parsing.notices import is_correction, is_furniture, is_tag_line


@pytest.mark.parametrize(
    "text",
    [
        "A woman kneels in Fennick on May 2, 2025. Ida MOORCROFT / NPA",
        "A woman kneels in Fennick on May 2, 2025. Ida MOORCROFT / POOL / NPA.",
        "A woman kneels. (Photo by – / TUT / NPA)",
        "A woman kneels. (Photo by Ida Moorcroft / NPA)",
        "A woman kneels (Photo: Ida Moorcroft)",
        "A woman kneels. Ida Moorcroft/Big Images/NPA",
        "A woman kneels. Ida van der Berg/NPA via Big Images",
        "A woman kneels, May 2, 2025. (NPA Photo/Ida Moorcroft, File)",
        "A woman kneels. Photo: Ida Moorcroft",
        "A woman kneels. © Ida Moorcroft",
        "(FILES) In this file photo a woman kneels.",
        "File photo: A woman kneels.",
        "FILE - A woman kneels.",
        "Photo: a woman kneels",
        "Lasse HOLM / NPA",
    ],
)
def test_captions(text):
    assert is_caption(text)


@pytest.mark.parametrize(
    "text",
    [
        "He drives a Ford/Mazda and she a bus.",
        "The rate is 0.11 marks. It rose and/or fell.",
        "The media were Radio Liberty / Radio Free Europe citing reasons.",
        "She said (the picture is unclear) nothing.",
        "The police (NPA) said so.",
        "Files show that the minister knew.",
        "Photographers were kept away.",
        "Path A: Iceland, Bulgaria/Israel/Hungary",
        "“You photographed me,” he said.",
        "Picture this: a bridge without a river, and a mayor who says that all is well",
    ],
)
def test_no_captions(text):
    assert not is_caption(text)


def test_credits():
    assert is_credit("Lasse HOLM / NPA")
    assert is_credit("Photo: Lasse Holm")
    assert not is_credit("A boat. Lasse HOLM / NPA")
    assert credit_start("A boat. Lasse HOLM / NPA") == len("A boat. ")
    assert caption_words("File photo: A boat. Lasse HOLM / NPA") == caption_words("A boat.") == "A boat"
    assert is_file_photo("(FILES) In this file photo a boat.")
    assert not is_file_photo("A boat with files.")


@pytest.mark.parametrize(
    ("line", "furniture"),
    [
        ("Share this", True), ("Share on Facebook", True), ("Read more: How it began", True), ("Print", True),
        ("Related stories", True), ("Home | News | Sport", True), ("ADVERTISEMENT", True), ("3 min read", True),
        ("Tags: a, b", True), ("© 2025 Courier. All rights reserved", True), ("https://e.org/x", True),
        ("Sign up for our newsletter", True), ("Subscribe now!", True), ("12 comments", True), ("#flood #river", True),
        ("Follow us on Wave and Ripple", True), ("Skip to content", True), ("Article continues below", True),
        ("Share prices fall in Tollvik", False), ("Print Shops Close Their Doors", False), ("Home at last", False),
        ("Related to nobody", False), ("Most Popular Baby Names", False), ("Sign Up For War, General Says", False),
        ("Like It Or Not, The Mayor Stays", False), ("Follow The Money: A Trail", False), ("Top of the morning", False),
        ("More than a hundred came", False), ("Comment is free", False), ("Topics of the day were many.", False),
    ],
)  # fmt: skip
def test_furniture(line, furniture):
    assert is_furniture(line) is furniture


def test_tag_lines():
    assert is_tag_line("Province, Ragna Pell, Science and technology")
    assert not is_tag_line("Nils Arber, Kaja Holt, Simen Roke And Tilda Varr.")
    assert not is_tag_line("In spring, the river rose, the town watched")
    assert not is_tag_line("Politics, Europe")


@pytest.mark.parametrize(
    ("text", "correction"),
    [
        ("Correction: It was two.", True),
        ("CORRECTION (June 3): It was two.", True),
        ("Editor’s note: This story has been updated.", True),
        ("An earlier version of this article gave two.", True),
        ("This story was corrected on Monday.", True),
        ("Corrections officers went on strike.", False),
        ("Editor’s note: We like trams.", False),
    ],
)
def test_corrections(text, correction):
    assert is_correction(text) is correction


def test_heading_forms():
    assert is_title_case("Belfry To Be Mended By May")
    assert is_title_case("WHAT DRIVERS GET")
    assert not is_title_case("What drivers get next year")
    assert not is_title_case("что дальше будет")
    assert is_enclosed("– ‘Not afraid’ –")
    assert is_enclosed("‘Deeply alarming’")
    assert not is_enclosed("“I am here,” she said, “and stay”")
    assert not is_enclosed("‘Absurd’ was the word for ‘it’")
    assert not is_enclosed("“I only wanted my shelves back.”")
    assert ends_sentence("“She follows noise.”")
    assert not ends_sentence("Mayor Flies To The U.S.")
    assert is_heading_like("Кто починит мост")
    assert not is_heading_like("• a hand drill")
    assert not is_heading_like("Q: What breaks first?")
    assert not is_heading_like("She said the board would do two things:")


def test_speech_with_its_speaker_is_no_inner_heading():
    assert not is_inner_heading('"It is far too dangerous," said a spokesman')
    assert not is_inner_heading("“Why now?” asked the mayor")
    assert is_inner_heading("“Too dangerous”")


def test_numbering_counts_only_when_all_are_numbered_in_turn():
    assert numbering(["1. One", "2. Two"]) == [3, 3]
    assert numbering(["[9] One", "[10] Two"]) == [4, 5]
    assert numbering(["1. One", "3. Two"]) == numbering(["1. One", "Two"]) == [0, 0]
    assert numbering(["1. One"]) == [0]


def test_units():
    text = "Title\n=====\n\nOne line.\nNext line.\n\n\n***\n\nAfter.\n"
    units = units_of(text)
    assert [unit.text for unit in units] == ["Title", "One line.", "Next line.", "After."]
    assert [unit.gap for unit in units] == [0, 1, 0, 1]
    assert [unit.parted for unit in units] == [False, False, False, True]
    assert [unit.mark for unit in units] == ["=", "", "", ""]


def test_wrapped_lines_are_joined_at_hyphens_without_a_space():
    text = "The restorer who mended the old and very well-\nknown belfry of the town came from the far northern\n"
    text += "coast and brought his own ladder with him on a\nborrowed cart. He left again on a Sunday evening in\nMay."
    (unit,) = units_of(text)
    assert "well-known belfry" in unit.text
    assert "northern coast" in unit.text
    assert "in May." in unit.text
