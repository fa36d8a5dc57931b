#pragma once

#include "daemon/cli/arguments.hpp"
#include "daemon/core/terminal/task_table.hpp"

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace replmond::cli {

/// Output of a command: results on stdout, errors and log lines on stderr. Texts of the cloud must have
/// passed terminal::shown().
class console {
public:
    /// `command`: its words, such as "replmond task list", for where help is.
    explicit console(const common_arguments& arguments, std::string command = "replmond");
    console(const console&) = delete;
    console& operator=(const console&) = delete;
    ~console() { end_live(); }

    /// Whether stdout is a terminal on which a line can be redrawn.
    bool can_redraw() const { return redraws_; }
    /// The current width of that terminal; 80 if it is not known.
    static std::size_t columns();
    /// The width of that terminal for running text; 80 if stdout is none.
    static std::size_t text_columns();
    /// The width of that terminal; nothing if stdout is none: then lines are not wrapped.
    static std::optional<std::size_t> wrap_columns();
    /// Colours and width for a table. Honours $NO_COLOR and TERM=dumb.
    terminal::table_style style() const;

    /// Prints a line on stdout.
    void line(std::string_view text);
    /// Draws the live line, in place of the previous one.
    void redraw(std::string_view text);
    /// Removes the live line.
    void end_live();

    /// Prints an event as a log line on stderr, if its level is high enough.
    void log(const event& e);
    /// Prints a line of its own on stderr, that is no error: what a table adds up to.
    void footer(std::string_view text);
    /// Prints `replmond: ` and the text on stderr.
    void error(std::string_view text);

    /// The same for a mistake on the command line, and a second line that says where help is.
    void mistake(std::string_view text);

    /// Flushes stdout. False if it could not be written. A reader that has gone, as `head` does, is no
    /// failure.
    bool flush();

private:
    std::string command_;
    severity least_;
    web::log_format format_;
    bool redraws_;
    bool live_ = false; ///< a live line is shown
};

} // namespace replmond::cli
