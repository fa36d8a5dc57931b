#include "tests/simulator/clock.hpp"

#include <fmt/format.h>

#include <array>

namespace chrono = std::chrono;

namespace replmond::simulator {
namespace {

struct parts {
    explicit parts(wall_time time)
        : day(chrono::floor<chrono::days>(time)), date(day),
          clock(chrono::floor<chrono::microseconds>(time - day)) {}

    int year() const { return static_cast<int>(date.year()); }
    unsigned month() const { return static_cast<unsigned>(date.month()); }
    unsigned day_of_month() const { return static_cast<unsigned>(date.day()); }

    chrono::sys_days day;
    chrono::year_month_day date;
    chrono::hh_mm_ss<chrono::microseconds> clock;
};

// The digits [at, at + count) as a number, -1 where one is no digit.
int number_at(std::string_view text, std::size_t at, std::size_t count) {
    int value = 0;
    for (const char c : text.substr(at, count)) {
        if (c < '0' || c > '9')
            return -1;
        value = value * 10 + (c - '0');
    }
    return value;
}

} // namespace

std::string basic_time(wall_time time) {
    const parts p(time);
    return fmt::format("{:04}{:02}{:02}T{:02}{:02}{:02}Z", p.year(), p.month(), p.day_of_month(),
                       p.clock.hours().count(), p.clock.minutes().count(), p.clock.seconds().count());
}

std::optional<wall_time> parse_basic_time(std::string_view text) {
    if (text.size() != 16 || text[8] != 'T' || text[15] != 'Z')
        return std::nullopt;
    const int year = number_at(text, 0, 4);
    const int month = number_at(text, 4, 2);
    const int day = number_at(text, 6, 2);
    const int hour = number_at(text, 9, 2);
    const int minute = number_at(text, 11, 2);
    const int second = number_at(text, 13, 2);
    if (year < 0 || month < 0 || day < 0 || hour < 0 || minute < 0 || second < 0)
        return std::nullopt;
    const chrono::year_month_day date(chrono::year(year), chrono::month(static_cast<unsigned>(month)),
                                      chrono::day(static_cast<unsigned>(day)));
    if (!date.ok() || hour > 23 || minute > 59 || second > 59)
        return std::nullopt;
    return wall_time(chrono::sys_days(date)) + chrono::hours(hour) + chrono::minutes(minute) +
           chrono::seconds(second);
}

std::string iso_time(wall_time time) {
    const parts p(time);
    return fmt::format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}.{:06}Z", p.year(), p.month(), p.day_of_month(),
                       p.clock.hours().count(), p.clock.minutes().count(), p.clock.seconds().count(),
                       p.clock.subseconds().count());
}

std::string http_date(wall_time time) {
    constexpr std::array<const char*, 7> days{"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
    constexpr std::array<const char*, 12> months{"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                                 "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
    const parts p(time);
    return fmt::format("{}, {:02} {} {:04} {:02}:{:02}:{:02} GMT", days[chrono::weekday(p.day).c_encoding()],
                       p.day_of_month(), months[p.month() - 1], p.year(), p.clock.hours().count(),
                       p.clock.minutes().count(), p.clock.seconds().count());
}

} // namespace replmond::simulator
