// Makes the table of `replmond task list` and fits it to the width of the terminal.

#include "daemon/core/terminal/task_table.hpp"

#include "daemon/core/model/text.hpp"
#include "daemon/core/terminal/text.hpp"

#include <algorithm>
#include <array>
#include <string_view>

namespace replmond::terminal {

namespace {

constexpr std::size_t column_count = 8;
constexpr std::size_t names = 3;         // the first three columns have names, which may be cut
constexpr std::size_t shortest_name = 8; // columns are not cut to less than this
constexpr std::size_t gap = 2;           // blanks between two columns

using row = std::array<std::string, column_count>;
using widths = std::array<std::size_t, column_count>;

constexpr std::array<std::string_view, column_count> headline = {
    "INSTANCE", "TASK", "SOURCE -> TARGET", "STATUS", "STAGE", "PROGRESS", "CATCH-UP", "REPAIR"};

enum column : std::size_t { status_column = 3, stage_column = 4, repair_column = 7 };

std::string database(const std::optional<std::string>& name) {
    return name ? shown(*name) : "?";
}

row row_of(const listed_task& of) {
    const task_reading& task = of.task;
    const char* repair = !task.needs_repair ? "-" : *task.needs_repair ? "NEEDED" : "no";
    return {shown(of.instance),
            shown(task.name),
            database(task.source_database) + " -> " + database(task.target_database),
            status_words(task),
            stage_words(task.stage, task.stage_raw),
            percentage_words(task.percentage),
            catchup_words(task),
            repair};
}

std::size_t sum(const widths& of) {
    std::size_t all = (column_count - 1) * gap;
    for (const std::size_t width : of)
        all += width;
    return all;
}

void shrink(widths& of, std::size_t to) {
    while (sum(of) > to) {
        const auto widest = std::max_element(of.begin(), of.begin() + names);
        if (*widest <= shortest_name)
            return;
        --*widest;
    }
}

// The SGR parameters (ECMA-48 8.3.117) of a cell's colour; empty: no colour.
std::string_view colour_of(const task_reading& task, std::size_t in) {
    if (in == status_column && task.status)
        return *task.status == status::no ? "1;31" : "32";
    if (in == stage_column && (task.stage == stage::paused || task.stage == stage::unknown))
        return "33";
    if (in == stage_column && task.stage == stage::cancelled)
        return "31";
    if (in == repair_column && task.needs_repair == true)
        return "1;33";
    return "";
}

std::string coloured(std::string text, std::string_view colour) {
    if (colour.empty())
        return text;
    return "\x1b[" + std::string(colour) + 'm' + text + "\x1b[0m";
}

class line_writer {
public:
    line_writer(const widths& columns, const table_style& style)
        : columns_(columns), style_(style), left_(style.width.value_or(sum(columns))) {}

    void add(std::size_t in, std::string_view cell, std::string_view colour) {
        if (in > 0)
            put(std::string(std::min(gap, left_), ' '), "");
        std::string text = cut_to_width(cut_to_width(cell, columns_[in]), left_);
        put(std::move(text), style_.colours ? colour : "");
        const std::size_t used = std::min(columns_[in], width_of(cut_to_width(cell, columns_[in])));
        put(std::string(std::min(columns_[in] - used, left_), ' '), "");
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

    const widths& columns_;
    const table_style& style_;
    std::size_t left_;
    std::string line_;
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

std::string task_table(const std::vector<listed_task>& tasks, const table_style& style) {
    if (tasks.empty())
        return {};
    widths columns{};
    for (std::size_t i = 0; i < column_count; ++i)
        columns[i] = headline[i].size();
    std::vector<row> rows;
    for (const listed_task& task : tasks) {
        rows.push_back(row_of(task));
        for (std::size_t i = 0; i < column_count; ++i)
            columns[i] = std::max(columns[i], width_of(rows.back()[i]));
    }
    if (style.width)
        shrink(columns, *style.width);

    line_writer head(columns, style);
    for (std::size_t i = 0; i < column_count; ++i)
        head.add(i, headline[i], "1");
    std::string text = head.take();
    for (std::size_t r = 0; r < rows.size(); ++r) {
        line_writer line(columns, style);
        for (std::size_t i = 0; i < column_count; ++i)
            line.add(i, rows[r][i], colour_of(tasks[r].task, i));
        text += line.take();
    }
    return text;
}

} // namespace replmond::terminal
