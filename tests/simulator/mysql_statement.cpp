#include "tests/simulator/mysql_statement.hpp"

#include <algorithm>
#include <optional>

namespace replmond::simulator {
namespace {

bool is_space(char c) {
    return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

bool begins_name(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
}

bool continues_name(char c) {
    return begins_name(c) || (c >= '0' && c <= '9');
}

char lower(char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

std::string lowered(std::string_view text) {
    std::string result(text);
    std::transform(result.begin(), result.end(), result.begin(), lower);
    return result;
}

// Goes through a statement. A member that finds something else than it looks for stays where it is.
class sql_scanner {
public:
    explicit sql_scanner(std::string_view text) : text_(text) { skip_spaces(); }

    std::size_t position() const { return at_; }
    bool at_end() const { return at_ == text_.size(); }

    bool word(std::string_view wanted) {
        if (lowered(peek_word()) != lowered(wanted))
            return false;
        advance(wanted.size());
        return true;
    }

    bool words(std::initializer_list<std::string_view> wanted) {
        return std::all_of(wanted.begin(), wanted.end(), [this](std::string_view w) { return word(w); });
    }

    bool sign(char wanted) {
        if (at_end() || text_[at_] != wanted)
            return false;
        advance(1);
        return true;
    }

    bool number(std::string_view wanted) {
        if (text_.substr(at_, wanted.size()) != wanted)
            return false;
        advance(wanted.size());
        return true;
    }

    std::optional<std::string> name() {
        if (!at_end() && text_[at_] == '`')
            return quoted_name();
        std::string found(peek_word());
        if (found.empty())
            return std::nullopt;
        advance(found.size());
        return found;
    }

    // Up to the comma, closing bracket or semicolon that is not within it. Nothing where brackets or quotes
    // are not closed.
    std::optional<std::string> expression() {
        std::size_t depth = 0;
        std::size_t end = at_;
        for (; end < text_.size(); ++end) {
            const char c = text_[end];
            if (depth == 0 && (c == ',' || c == ')' || c == ';'))
                break;
            if (c == '\'' || c == '"' || c == '`') {
                end = text_.find(c, end + 1);
                if (end == std::string_view::npos)
                    return std::nullopt;
            }
            depth += c == '(';
            depth -= c == ')';
        }
        if (depth != 0)
            return std::nullopt;
        std::string found(text_.substr(at_, end - at_));
        while (!found.empty() && is_space(found.back()))
            found.pop_back();
        advance(end - at_);
        return found;
    }

private:
    std::string_view peek_word() const {
        std::size_t end = at_;
        if (end < text_.size() && begins_name(text_[end]))
            while (end < text_.size() && continues_name(text_[end]))
                ++end;
        return text_.substr(at_, end - at_);
    }

    std::optional<std::string> quoted_name() {
        std::string found;
        std::size_t i = at_ + 1;
        for (;; ++i) {
            if (i == text_.size())
                return std::nullopt;
            if (text_[i] == '`' && text_.substr(i + 1, 1) != "`")
                break;
            i += text_[i] == '`'; // a doubled one stands for one
            found += text_[i];
        }
        if (found.empty())
            return std::nullopt;
        advance(i + 1 - at_);
        return found;
    }

    void advance(std::size_t count) {
        at_ += count;
        skip_spaces();
    }

    void skip_spaces() {
        while (at_ < text_.size() && is_space(text_[at_]))
            ++at_;
    }

    std::string_view text_;
    std::size_t at_ = 0;
};

std::optional<table_name> read_table_name(sql_scanner& in) {
    auto database = in.name();
    if (!database || !in.sign('.'))
        return std::nullopt;
    auto found = in.name();
    if (!found)
        return std::nullopt;
    return table_name{std::move(*database), std::move(*found)};
}

bool tells_time(const std::optional<std::string>& expression) {
    return expression && lowered(*expression).find("utc_timestamp(6)") != std::string::npos;
}

std::optional<mysql_statement> read_select_max(sql_scanner& in) {
    auto column = in.name();
    if (!column || !in.sign(')') || !in.word("FROM"))
        return std::nullopt;
    auto from = read_table_name(in);
    if (!from)
        return std::nullopt;
    return select_max{std::move(*from), std::move(*column)};
}

std::optional<mysql_statement> read_select_clock(sql_scanner& in) {
    sql_scanner before = in;
    auto expression = in.expression();
    if (tells_time(expression))
        return select_clock{std::move(*expression)};
    in = before;
    return std::nullopt;
}

std::optional<mysql_statement> read_select(sql_scanner& in, bool writable) {
    sql_scanner before = in;
    if (in.word("MAX") && in.sign('('))
        return read_select_max(in);
    in = before;
    return writable ? read_select_clock(in) : std::nullopt;
}

bool expect_value(sql_scanner& in) {
    sql_scanner before = in;
    if (tells_time(in.expression()))
        return true;
    in = before;
    return false;
}

// A column that was named before.
bool expect_name(sql_scanner& in, const std::string& wanted) {
    sql_scanner before = in;
    if (in.name() == wanted)
        return true;
    in = before;
    return false;
}

std::optional<mysql_statement> read_upsert(sql_scanner& in) {
    auto into = in.word("INTO") ? read_table_name(in) : std::nullopt;
    if (!into || !in.sign('('))
        return std::nullopt;
    auto key = in.name();
    if (!key || !in.sign(','))
        return std::nullopt;
    auto column = in.name();
    const bool whole = column && in.sign(')') && in.word("VALUES") && in.sign('(') && in.number("1") &&
                       in.sign(',') && expect_value(in) && in.sign(')') &&
                       in.words({"ON", "DUPLICATE", "KEY", "UPDATE"}) && expect_name(in, *column) &&
                       in.sign('=') && in.word("VALUES") && in.sign('(') && expect_name(in, *column) &&
                       in.sign(')');
    if (!whole)
        return std::nullopt;
    return upsert{std::move(*into), std::move(*key), std::move(*column)};
}

// A name or a text in quotes.
bool expect_constant(sql_scanner& in) {
    for (const char quote : {'\'', '"'}) {
        if (in.sign(quote))
            return in.name().has_value() && in.sign(quote);
    }
    return in.name().has_value();
}

std::optional<mysql_statement> read_set(sql_scanner& in) {
    sql_scanner before = in;
    if (in.word("NAMES")) {
        const bool whole = expect_constant(in) && (!in.word("COLLATE") || expect_constant(in));
        return whole ? std::optional<mysql_statement>(set_names{}) : std::nullopt;
    }
    const auto variable = in.name();
    if (variable && lowered(*variable).starts_with("character_set_"))
        return in.sign('=') && expect_constant(in) ? std::optional<mysql_statement>(set_names{})
                                                   : std::nullopt;
    in = before;
    return std::nullopt;
}

std::optional<mysql_statement> read_statement(sql_scanner& in, bool writable) {
    if (in.word("SELECT"))
        return read_select(in, writable);
    if (writable && in.word("INSERT"))
        return read_upsert(in);
    if (in.word("SET"))
        return read_set(in);
    return std::nullopt;
}

} // namespace

mysql_statement parse_statement(std::string_view text, bool writable) {
    sql_scanner in(text);
    auto found = read_statement(in, writable);
    if (found) {
        in.sign(';');
        if (in.at_end())
            return std::move(*found);
    }
    return syntax_error{in.position()};
}

} // namespace replmond::simulator
