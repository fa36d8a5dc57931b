#pragma once

#include "daemon/cli/arguments.hpp"
#include "daemon/core/terminal/task_table.hpp"

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace replmond::cli {

/// Where a command prints: results on stdout, what went wrong and log lines on stderr. Texts of the cloud
/// must be shown() already.
class console {
public:
    explicit console(const common_arguments& arguments);
    console(const console&) = delete;
    console& operator=(const console&) = delete;
    ~console() { end_live(); }

    /// stdout is a terminal on which a line can be written anew.
    bool can_redraw() const { return redraws_; }
    /// Columns of that terminal now; 80 where nobody knows.
    static std::size_t columns();
    /// Colours and width for a table: $NO_COLOR and TERM=dumb are honoured.
    terminal::table_style style() const;

    void line(std::string_view text);
    /// Writes the live line anew, in place of the one before.
    void redraw(std::string_view text);
    /// The live line goes.
    void end_live();

    /// A log line.
    void log(const event& e);
    /// `replmond: ` and the text.
    void error(std::string_view text);

    /// Prints what is buffered. False where stdout could not be written.
    bool flush();

private:
    severity least_;
    web::log_format format_;
    bool redraws_;
    bool live_ = false; ///< there is a live line
};

} // namespace replmond::cli
