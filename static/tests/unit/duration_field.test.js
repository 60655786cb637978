import { describe, expect, test } from "@odoo/hoot";
import { duration } from "@ghl/duration_field/duration_field";

describe.current.tags("headless");

test("seconds are read as minutes, and as hours only when there are any", () => {
    expect(duration(0)).toBe("0:00");
    expect(duration(59)).toBe("0:59");
    expect(duration(75)).toBe("1:15");
    expect(duration(3600)).toBe("1:00:00");
    expect(duration(3675)).toBe("1:01:15");
});

test("what is no number of seconds is no time", () => {
    for (const nothing of [null, undefined, false, NaN]) {
        expect(duration(nothing)).toBe("0:00");
    }
});

test("a fraction that makes a whole minute carries over", () => {
    expect(duration(59.6)).toBe("1:00");
    expect(duration(3599.9)).toBe("1:00:00");
});
