// The line at the end of a terminal that turns while a command waits.

#include "daemon/cli/spinner.hpp"

#include "daemon/core/terminal/text.hpp"

#include <chrono>
#include <string_view>
#include <utility>

namespace replmond::cli {

namespace {

constexpr std::string_view frames = "|/-\\";
constexpr milliseconds length_of_frame{100};

} // namespace

void spinner::start() {
    if (turns_)
        session_.group().spawn(turn());
}

void spinner::doing(std::string text) {
    text_ = std::move(text);
    if (turns_)
        draw();
}

boost::asio::awaitable<void> spinner::turn() {
    for (;;) {
        co_await session_.rest(length_of_frame);
        ++frame_;
        draw();
    }
}

void spinner::draw() {
    constexpr std::size_t beside = 3; // the frame, a blank, and the last column, where terminals break lines
    const std::size_t columns = console::columns();
    if (columns <= beside || text_.empty())
        return;
    out_.redraw(std::string(1, frames[frame_ % frames.size()]) + ' ' +
                terminal::cut_to_width(terminal::shown(text_), columns - beside));
}

} // namespace replmond::cli
