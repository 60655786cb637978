import unittest
from datetime import date, datetime, timedelta, timezone
from zoneinfo import ZoneInfo

from hypothesis import given, settings
from hypothesis import strategies as st

from ..ghl_calls.campaigns import zones
from ..ghl_calls.campaigns.windows import WEEKDAYS, WindowError, daily, parse

BUSINESS = parse(daily("09:00", "20:00", WEEKDAYS[:5]))
NEW_YORK, PHOENIX, KOLKATA, LONDON = "America/New_York", "America/Phoenix", "Asia/Kolkata", "Europe/London"
ZONES = [NEW_YORK, PHOENIX, KOLKATA, LONDON, "Australia/Lord_Howe", "America/St_Johns", "Pacific/Apia", "Asia/Tehran"]


def utc(*args):
    return datetime(*args)


def wall_allows(windows, at, zone):
    """The rule in its plainest form: what the recipient's clock and calendar show now."""
    local = at.replace(tzinfo=timezone.utc).astimezone(ZoneInfo(zone))
    minute = local.hour * 60 + local.minute
    return local.date() not in windows.holidays and any(b <= minute < e for b, e in windows.week[local.weekday()])


day_windows = st.lists(st.integers(0, 1440), min_size=2, max_size=4, unique=True).map(
    lambda marks: tuple(zip(sorted(marks)[::2], sorted(marks)[1::2], strict=False))
)
weeks = st.lists(day_windows | st.just(()), min_size=7, max_size=7).map(tuple)
instants = st.datetimes(datetime(2025, 1, 1), datetime(2027, 12, 31))


def windows_of(week, holidays=(), margin=0):
    clock = lambda minute: f"{minute // 60:02}:{minute % 60:02}"  # noqa: E731
    return parse(
        {name: [[clock(b), clock(e)] for b, e in day] for name, day in zip(WEEKDAYS, week, strict=True)},
        holidays,
        margin,
    )


class TestWindows(unittest.TestCase):
    def test_a_window_is_the_recipients_own_day(self):
        at = utc(2026, 11, 23, 13, 30)  # a Monday: 08:30 in New York, 19:00 in Kolkata
        self.assertFalse(BUSINESS.is_open(at, [NEW_YORK]))
        self.assertTrue(BUSINESS.is_open(at, [KOLKATA]))
        self.assertEqual(BUSINESS.next_open(at, [NEW_YORK]), utc(2026, 11, 23, 14, 0))

    def test_a_window_opens_at_its_first_minute_and_is_closed_at_its_last(self):
        self.assertTrue(BUSINESS.is_open(utc(2026, 11, 23, 14, 0), [NEW_YORK]))
        self.assertFalse(BUSINESS.is_open(utc(2026, 11, 24, 1, 0), [NEW_YORK]))
        self.assertTrue(BUSINESS.is_open(utc(2026, 11, 24, 0, 59, 59), [NEW_YORK]))

    def test_after_friday_evening_comes_monday_morning(self):
        self.assertEqual(BUSINESS.next_open(utc(2026, 11, 28, 2), [NEW_YORK]), utc(2026, 11, 30, 14))

    def test_a_recipient_without_a_zone_is_never_called(self):
        always = parse(daily("00:00", "24:00"))
        for zone in ([], ["Mars/Olympus"], [LONDON, "Mars/Olympus"], ["../etc/passwd"]):
            with self.subTest(zone=zone):
                self.assertFalse(always.is_open(utc(2026, 11, 23), zone))
                self.assertIsNone(BUSINESS.next_open(utc(2026, 11, 23), zone))

    def test_all_possible_zones_must_be_inside(self):
        both = [NEW_YORK, "America/Los_Angeles"]
        self.assertEqual(BUSINESS.next_open(utc(2026, 11, 23, 14), both), utc(2026, 11, 23, 17))
        self.assertFalse(BUSINESS.is_open(utc(2026, 11, 24, 1, 30), both), "20:30 in New York")

    def test_zones_without_a_common_hour_never_open(self):
        narrow = parse(daily("09:00", "12:00"))
        self.assertIsNone(narrow.next_open(utc(2026, 11, 23), [NEW_YORK, KOLKATA]))

    def test_a_holiday_is_the_recipients_calendar_day(self):
        windows = parse(daily("00:00", "24:00"), ["2026-12-25"])
        self.assertFalse(windows.is_open(utc(2026, 12, 24, 19), [KOLKATA]))
        self.assertTrue(windows.is_open(utc(2026, 12, 24, 19), [NEW_YORK]))
        self.assertEqual(windows.next_open(utc(2026, 12, 24, 19), [KOLKATA]), utc(2026, 12, 25, 18, 30))

    def test_the_end_keeps_a_margin_for_ringing(self):
        windows = parse(daily("09:00", "20:00"), margin_seconds=90)
        self.assertTrue(windows.is_open(utc(2026, 11, 24, 0, 58, 29), [NEW_YORK]))
        self.assertFalse(windows.is_open(utc(2026, 11, 24, 0, 58, 30), [NEW_YORK]))

    def test_a_margin_does_not_cut_a_window_that_goes_on_after_midnight(self):
        windows = parse({"mon": [["18:00", "24:00"]], "tue": [["00:00", "02:00"]]}, margin_seconds=600)
        self.assertTrue(windows.is_open(utc(2026, 11, 23, 23, 55), [LONDON]))
        self.assertFalse(windows.is_open(utc(2026, 11, 24, 1, 55), [LONDON]))

    def test_arizona_keeps_its_hour_when_its_neighbours_change_theirs(self):
        for at, expected in ((utc(2026, 3, 2, 16, 30), True), (utc(2026, 3, 9, 16, 30), True)):
            self.assertEqual(BUSINESS.is_open(at, [PHOENIX]), expected)
        self.assertFalse(BUSINESS.is_open(utc(2026, 3, 2, 13, 30), [NEW_YORK]))
        self.assertTrue(BUSINESS.is_open(utc(2026, 3, 9, 13, 30), [NEW_YORK]))

    def test_the_hour_that_does_not_exist_opens_no_window(self):
        windows = parse({"sun": [["02:00", "03:00"]]})  # 8 March 2026: clocks jump from 02:00 to 03:00
        at = utc(2026, 3, 8)
        while at < utc(2026, 3, 9):
            self.assertFalse(windows.is_open(at, [NEW_YORK]), at)
            at += timedelta(minutes=10)

    def test_the_hour_that_exists_twice_counts_by_the_shorter_reading(self):
        windows = parse({"sun": [["01:30", "12:00"]]})  # 1 November 2026: 01:00 to 02:00 comes twice
        self.assertFalse(windows.is_open(utc(2026, 11, 1, 5, 45), [NEW_YORK]), "01:45, and 01:15 is still to come")
        self.assertTrue(windows.is_open(utc(2026, 11, 1, 6, 30), [NEW_YORK]))

    def test_what_cannot_be_meant_is_refused_with_a_sentence(self):
        for week in (
            {"mon": [["20:00", "09:00"]]},
            {"mon": [["09:00", "09:00"]]},
            {"mon": [["9", "20:00"]]},
            {"mon": [["09:00", "24:01"]]},
            {"mon": [["09:00", "25:00"]]},
            {"mon": [["09:00"]]},
            {"mon": [["09:00", None]]},
            {"mon": [[9, 20]]},
            {"mon": "09:00-20:00"},
            {"mon": [["09:00", "12:00"], ["11:00", "14:00"]]},
            {"monday": [["09:00", "12:00"]]},
            ["09:00"],
        ):
            with self.subTest(week=week), self.assertRaises(WindowError) as caught:
                parse(week)
            self.assertRegex(str(caught.exception), r"\.$")
        with self.assertRaises(WindowError):
            parse({}, ["25/12/2026"])

    def test_a_week_without_windows_never_opens(self):
        self.assertIsNone(parse({}).next_open(utc(2026, 11, 23), [LONDON]))

    @settings(max_examples=200, deadline=None)
    @given(weeks, instants, st.lists(st.sampled_from(ZONES), min_size=1, max_size=3), st.integers(0, 1800))
    def test_open_is_never_said_when_a_recipients_clock_says_closed(self, week, at, names, margin):
        windows = windows_of(week, [(at + timedelta(days=1)).date()], margin)
        if windows.is_open(at, names):
            for name in names:
                self.assertTrue(wall_allows(windows, at, name))

    @settings(max_examples=100, deadline=None)
    @given(weeks, instants, st.lists(st.sampled_from(ZONES), min_size=1, max_size=3, unique=True), st.integers(0, 900))
    def test_the_next_opening_is_open_and_nothing_before_it_is(self, week, at, names, margin):
        windows = windows_of(week, [(at + timedelta(days=2)).date()], margin)
        opening = windows.next_open(at, names)
        if opening is not None:
            self.assertTrue(windows.is_open(opening, names))
            self.assertGreaterEqual(opening, at)
        probe, stop = at, min(opening or at + timedelta(days=20), at + timedelta(days=20))
        while probe < stop:
            self.assertFalse(windows.is_open(probe, names), probe)
            probe += timedelta(minutes=397)

    @settings(max_examples=100, deadline=None)
    @given(weeks, instants, st.sampled_from(ZONES))
    def test_away_from_clock_changes_the_windows_are_exactly_the_wall_clocks(self, week, at, name):
        zone = ZoneInfo(name)
        offsets = {
            (at + timedelta(hours=hours)).replace(tzinfo=timezone.utc).astimezone(zone).utcoffset()
            for hours in range(-48, 49, 6)
        }
        windows = windows_of(week)
        if len(offsets) == 1:
            self.assertEqual(windows.is_open(at, [name]), wall_allows(windows, at, name))


class TestZones(unittest.TestCase):
    def test_a_number_tells_its_zone(self):
        self.assertEqual(zones.of_recipient("+12125550123"), (NEW_YORK,))
        self.assertEqual(zones.of_recipient("+16025550100"), (PHOENIX,))

    def test_a_number_of_a_country_with_many_zones_may_be_in_all_of_them(self):
        self.assertGreater(len(zones.of_recipient("+61412345678")), 3)
        self.assertIn("Pacific/Honolulu", zones.of_recipient("+18005551212"))

    def test_the_contacts_zone_decides_among_those_of_the_number(self):
        self.assertEqual(zones.of_recipient("+61412345678", "Australia/Perth"), ("Australia/Perth",))

    def test_number_and_contact_in_contradiction_both_count(self):
        self.assertEqual(zones.of_recipient("+12125550123", "Europe/Paris"), (NEW_YORK, "Europe/Paris"))

    def test_the_campaigns_zone_is_for_those_who_give_no_hint(self):
        self.assertEqual(zones.of_recipient("+88213300000", None, LONDON), (LONDON,))
        self.assertEqual(zones.of_recipient("+12125550123", None, LONDON), (NEW_YORK,))

    def test_nothing_known_is_no_zone(self):
        for number in ("+999123", "", "+", "12125550123", "+88213300000", "abc"):
            for zone in (None, "", "Mars/Olympus", "EST5EDT/../x", "\x00"):
                with self.subTest(number=number, zone=zone):
                    self.assertEqual(zones.of_recipient(number, zone, zone), ())

    @settings(max_examples=200, deadline=None)
    @given(st.text(max_size=20), st.text(max_size=20))
    def test_no_text_breaks_it_and_every_zone_it_names_exists(self, number, zone):
        for name in zones.of_recipient(f"+{number}", zone, zone):
            self.assertTrue(ZoneInfo(name))

    def test_dates_can_be_given_as_dates(self):
        self.assertEqual(parse({}, [date(2026, 12, 25)]), parse({}, ["2026-12-25"]))
