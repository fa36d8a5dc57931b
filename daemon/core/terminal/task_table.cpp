// Makes the table of `replmond task list` and fits it to the width of the terminal.

#include "daemon/core/terminal/task_table.hpp"

#include "daemon/core/model/text.hpp"
#include "daemon/core/terminal/cut_names.hpp"
#include "daemon/core/terminal/task_follow.hpp"
#include "daemon/core/terminal/text.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cstdlib>
#include <string_view>
#include <utility>

namespace replmond::terminal {

namespace {

constexpr std::size_t shortest_name = 8; // columns are not cut to less than this
constexpr std::size_t gap = 2;           // blanks between two columns

std::string database(const std::optional<std::string>& name) {
    return name ? shown(*name) : "?";
}

std::string databases_words(const listed_task& of) {
    return database(of.task.source_database) + " -> " + database(of.task.target_database);
}

std::string repair_words(const listed_task& of) {
    return !of.task.needs_repair ? "-" : *of.task.needs_repair ? "NEEDED" : "no";
}

// The SGR parameters (ECMA-48 8.3.117) of a cell's colour; empty: no colour.
std::string_view status_colour(const listed_task& of) {
    if (!of.task.status)
        return "";
    return *of.task.status == status::no ? "1;31" : "32";
}

std::string_view stage_colour(const listed_task& of) {
    if (of.task.stage == stage::paused || of.task.stage == stage::unknown)
        return "33";
    return of.task.stage == stage::cancelled ? "31" : "";
}

std::string_view lag_colour(const listed_task& of) {
    return of.lag_exceeded ? "1;33" : "";
}

std::string_view repair_colour(const listed_task& of) {
    return of.task.needs_repair == true ? "1;33" : "";
}

std::string_view no_colour(const listed_task&) {
    return "";
}

enum class kind { name, fact, wide_only };

struct column {
    std::string_view head;
    std::string (*words)(const listed_task&);
    std::string_view (*colour)(const listed_task&);
    kind is;
    int goes; // which facts are left out first where there is no room; 0: never
};

std::vector<column> columns_for(const std::vector<listed_task>& tasks, bool wide) {
    using task = const listed_task&;
    std::vector<column> all = {
        {"PROJECT", [](task of) { return shown(of.project); }, no_colour, kind::wide_only, 0},
        {"INSTANCE", [](task of) { return shown(of.instance); }, no_colour, kind::name, 0},
        {"TASK", [](task of) { return shown(of.task.name); }, no_colour, kind::name, 0},
        {"SOURCE -> TARGET", databases_words, no_colour, kind::fact, 1},
        {"TYPE", [](task of) { return std::string(of.task.counts_as_main() ? "main" : "temporary"); },
         no_colour, kind::wide_only, 0},
        {"STATUS", [](task of) { return status_words(of.task); }, status_colour, kind::fact, 0},
        {"STAGE", [](task of) { return stage_words(of.task.stage, of.task.stage_raw); }, stage_colour,
         kind::fact, 4},
        {"PROGRESS", [](task of) { return percentage_words(of.task.percentage); }, no_colour, kind::fact, 3},
    };
    if (std::any_of(tasks.begin(), tasks.end(), [](task one) { return one.lag_is_measured; }))
        all.push_back({"LAG", [](task of) { return lag_words(of.lag); }, lag_colour, kind::fact, 5});
    all.push_back({"CATCH-UP", [](task of) { return catchup_words(of.task); }, no_colour, kind::fact, 2});
    all.push_back({"REPAIR", repair_words, repair_colour, kind::fact, 6});
    if (!wide)
        std::erase_if(all, [](const column& one) { return one.is == kind::wide_only; });
    return all;
}

// A column with its cells, from the headline down.
struct filled_column {
    column is;
    std::vector<std::string> cells;
    std::size_t width = 0;
};

std::size_t widest(const std::vector<std::string>& cells) {
    std::size_t width = 0;
    for (const std::string& cell : cells)
        width = std::max(width, width_of(cell));
    return width;
}

filled_column fill(const column& is, const std::vector<listed_task>& tasks) {
    filled_column filled{is, {}, 0};
    for (const listed_task& task : tasks)
        filled.cells.push_back(is.words(task));
    filled.width = std::max(is.head.size(), widest(filled.cells));
    return filled;
}

std::size_t width_of_line(const std::vector<filled_column>& columns) {
    std::size_t all = (columns.size() - 1) * gap;
    for (const filled_column& one : columns)
        all += one.width;
    return all;
}

bool says_nothing(const filled_column& of) {
    return std::all_of(of.cells.begin(), of.cells.end(),
                       [](const std::string& cell) { return cell == "-" || cell == "no"; });
}

// Leaves out one column. False: none is left that may go.
bool leave_one_out(std::vector<filled_column>& columns) {
    const auto rank = [](const filled_column& of) {
        return std::pair(of.is.goes == 0, std::pair(!says_nothing(of), of.is.goes));
    };
    const auto first = std::min_element(columns.begin(), columns.end(),
                                        [&](const auto& a, const auto& b) { return rank(a) < rank(b); });
    if (first->is.goes == 0)
        return false;
    columns.erase(first);
    return true;
}

void shrink_names(std::vector<filled_column>& columns, std::size_t to) {
    while (width_of_line(columns) > to) {
        filled_column* most = nullptr;
        for (filled_column& one : columns) {
            if (one.is.is == kind::name && (most == nullptr || one.width > most->width))
                most = &one;
        }
        if (most == nullptr || most->width <= shortest_name)
            break;
        --most->width;
    }
    for (filled_column& one : columns) {
        if (one.is.is == kind::name)
            one.cells = cut_names(one.cells, one.width);
    }
}

void fit(std::vector<filled_column>& columns, std::size_t to) {
    while (width_of_line(columns) > to) {
        if (!leave_one_out(columns)) {
            shrink_names(columns, to);
            return;
        }
    }
}

std::string coloured(std::string text, std::string_view colour) {
    if (colour.empty())
        return text;
    return "\x1b[" + std::string(colour) + 'm' + text + "\x1b[0m";
}

class line_writer {
public:
    explicit line_writer(const table_style& style) : style_(style) {
        if (style.width && !style.wide)
            left_ = *style.width;
    }

    void add(std::string_view cell, std::size_t width, std::string_view colour) {
        if (!is_first_)
            put(std::string(std::min(gap, left_), ' '), "");
        is_first_ = false;
        std::string text = cut_to_width(cell, std::min(width, left_));
        const std::size_t used = width_of(text);
        put(std::move(text), style_.colours ? colour : "");
        put(std::string(std::min(width - used, left_), ' '), "");
    }

    std::string take() {
        line_.erase(line_.find_last_not_of(' ') + 1);
        return line_ + '\n';
    }

private:
    void put(std::string text, std::string_view colour) {
        left_ -= width_of(text);
        line_ += text.empty() ? text : coloured(std::move(text), colour);
    }

    const table_style& style_;
    std::size_t left_ = std::string::npos;
    std::string line_;
    bool is_first_ = true;
};

} // namespace

std::string status_words(const task_reading& of) {
    if (!of.status)
        return "-";
    return *of.status == status::yes ? "normal" : "ABNORMAL";
}

std::string stage_words(stage of, const std::optional<std::string>& raw) {
    return of == stage::unknown && raw ? shown(*raw) : std::string(to_string(of));
}

std::string percentage_words(const std::optional<double>& value) {
    return value ? to_shortest(*value) + '%' : "-";
}

std::string catchup_words(const task_reading& of) {
    if (!of.catchup_stage)
        return "-";
    std::string text = stage_words(*of.catchup_stage, of.catchup_stage_raw);
    if (of.catchup_percentage)
        text += ' ' + percentage_words(of.catchup_percentage);
    return text;
}

std::string lag_words(const std::optional<milliseconds>& lag) {
    if (!lag)
        return "-";
    const milliseconds size(std::abs(lag->count()));
    const std::string words = size < std::chrono::seconds(10)
                                  ? fmt::format("{}.{}s", size.count() / 1000, size.count() % 1000 / 100)
                                  : rough_duration(size);
    return (lag->count() < 0 ? "-" : "") + words;
}

std::string task_table(const std::vector<listed_task>& tasks, const table_style& style) {
    if (tasks.empty())
        return {};
    std::vector<filled_column> columns;
    for (const column& one : columns_for(tasks, style.wide))
        columns.push_back(fill(one, tasks));
    if (style.width && !style.wide)
        fit(columns, *style.width);

    line_writer head(style);
    for (const filled_column& one : columns)
        head.add(one.is.head, one.width, "1");
    std::string text = head.take();
    for (std::size_t r = 0; r < tasks.size(); ++r) {
        line_writer line(style);
        for (const filled_column& one : columns)
            line.add(one.cells[r], one.width, one.is.colour(tasks[r]));
        text += line.take();
    }
    return text;
}

} // namespace replmond::terminal
