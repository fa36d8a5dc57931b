// Output of commands: results to stdout, everything else to stderr, and on a terminal one line that is
// redrawn.

#include "daemon/cli/console.hpp"

#include "daemon/cli/mistakes.hpp"
#include "daemon/core/web/log_line.hpp"

#include <cstdlib>
#include <iostream>
#include <poll.h>
#include <sys/ioctl.h>
#include <unistd.h>
#include <utility>

namespace replmond::cli {

namespace {

constexpr std::size_t usual_columns = 80;
constexpr int most_columns = 10'000;

bool is_dumb() {
    const char* term = std::getenv("TERM");
    return term == nullptr || std::string_view(term) == "dumb" || *term == '\0';
}

// The convention of no-color.org: set and not empty.
bool wants_no_colour() {
    const char* value = std::getenv("NO_COLOR");
    return value != nullptr && *value != '\0';
}

} // namespace

console::console(const common_arguments& arguments, std::string command)
    : command_(std::move(command)), least_(arguments.log_level), format_(arguments.log_format),
      redraws_(isatty(STDOUT_FILENO) == 1 && !is_dumb()) {}

std::size_t console::columns() {
    winsize size{};
    if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0)
        return size.ws_col;
    const char* text = std::getenv("COLUMNS");
    const int told = text == nullptr ? 0 : std::atoi(text);
    return told > 0 && told < most_columns ? static_cast<std::size_t>(told) : usual_columns;
}

std::size_t console::text_columns() {
    return isatty(STDOUT_FILENO) == 1 ? columns() : usual_columns;
}

std::optional<std::size_t> console::wrap_columns() {
    return isatty(STDOUT_FILENO) == 1 ? std::optional(columns()) : std::nullopt;
}

terminal::table_style console::style() const {
    terminal::table_style style;
    if (isatty(STDOUT_FILENO) != 1)
        return style;
    style.width = columns();
    style.colours = redraws_ && !wants_no_colour();
    return style;
}

void console::line(std::string_view text) {
    end_live();
    std::cout << text << '\n' << std::flush;
}

void console::redraw(std::string_view text) {
    live_ = true;
    std::cout << '\r' << text << "\x1b[K" << std::flush;
}

void console::end_live() {
    if (!live_)
        return;
    live_ = false;
    std::cout << "\r\x1b[K" << std::flush;
}

void console::log(const event& e) {
    if (e.level < least_)
        return;
    end_live();
    std::cerr << web::to_line(e, format_) << std::endl;
}

void console::footer(std::string_view text) {
    end_live();
    std::cerr << text << std::endl;
}

void console::error(std::string_view text) {
    end_live();
    std::cerr << "replmond: " << text << std::endl;
}

void console::mistake(std::string_view text) {
    end_live();
    std::cerr << two_lines(text, command_) << std::flush;
}

bool console::flush() {
    std::cout.flush();
    if (std::cout)
        return true;
    pollfd out{STDOUT_FILENO, 0, 0};
    return ::poll(&out, 1, 0) == 1 && (out.revents & POLLERR) != 0; // a pipe without a reader (poll(2))
}

} // namespace replmond::cli
