#include "daemon/export/exposition_text.hpp"

#include <algorithm>

namespace replmond::exposition {

// Names rarely have anything to escape: what stands between goes over in one piece.
void append_label_value(std::string& text, std::string_view value) {
    const auto is_plain = [](char c) { return c != '\\' && c != '"' && c != '\n'; };
    while (!value.empty()) {
        const auto* const special = std::find_if_not(value.begin(), value.end(), is_plain);
        const auto plain = static_cast<std::size_t>(special - value.begin());
        text.append(value.substr(0, plain));
        if (special == value.end())
            return;
        text += '\\';
        text += *special == '\n' ? 'n' : *special;
        value.remove_prefix(plain + 1);
    }
}

void append_header(std::string& text, std::string_view name, std::string_view type, std::string_view help,
                   format as) {
    constexpr std::string_view total = "_total";
    if (as == format::open_metrics && type == "counter" && name.ends_with(total))
        name.remove_suffix(total.size());
    text.append("# HELP ").append(name).append(" ");
    for (const char c : help) {
        if (c == '\\')
            text += "\\\\";
        else if (c == '\n')
            text += "\\n";
        else if (c == '"' && as == format::open_metrics)
            text += "\\\"";
        else
            text += c;
    }
    text.append("\n# TYPE ").append(name).append(" ").append(type).append("\n");
}

sample& sample::label(std::string_view key, std::string_view value) {
    text_ += open_ ? ',' : '{';
    open_ = true;
    text_.append(key).append("=\"");
    append_label_value(text_, value);
    text_ += '"';
    return *this;
}

void sample::value(std::string_view number) {
    if (open_)
        text_ += '}';
    text_.append(" ").append(number).append("\n");
}

} // namespace replmond::exposition
