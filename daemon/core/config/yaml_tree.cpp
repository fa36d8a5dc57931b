// Builds a tree from the events of yaml-cpp's parser, with the position of every key and value. Aliases share
// the node of their anchor, so that nested aliases do not multiply the size of the tree.

#include "daemon/core/config/yaml_tree.hpp"

#include "daemon/core/model/text.hpp"

#include <fmt/format.h>
#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/exceptions.h>
#include <yaml-cpp/parser.h>

#include <algorithm>
#include <cstdint>
#include <map>
#include <optional>
#include <sstream>
#include <utility>

namespace replmond::config {

namespace {

// The text, and the conversion of yaml-cpp's marks to offsets and positions.
class source {
public:
    explicit source(std::string_view text) : text_(text) {
        line_starts_.push_back(0);
        characters_before_.reserve(text.size() + 1);
        std::uint32_t characters = 0;
        for (std::size_t i = 0; i < text.size(); ++i) {
            characters_before_.push_back(characters);
            if ((static_cast<unsigned char>(text[i]) & 0xC0) != 0x80)
                ++characters; // continuation bytes of UTF-8 (10xxxxxx, RFC 3629 3) are not counted
            if (text[i] == '\n')
                line_starts_.push_back(i + 1);
        }
        characters_before_.push_back(characters);
    }

    // The byte offset of a mark. yaml-cpp counts lines and columns from 0, columns in bytes.
    [[nodiscard]] std::size_t offset(const YAML::Mark& mark) const {
        if (mark.line < 0 || static_cast<std::size_t>(mark.line) >= line_starts_.size())
            return text_.size();
        const std::size_t start = line_starts_[static_cast<std::size_t>(mark.line)];
        return std::min(start + static_cast<std::size_t>(std::max(mark.column, 0)), text_.size());
    }

    [[nodiscard]] position at(std::size_t offset) const {
        const auto after = std::upper_bound(line_starts_.begin(), line_starts_.end(), offset);
        const std::size_t start = *(after - 1);
        const std::uint32_t column = characters_before_[offset] - characters_before_[start] + 1;
        return {static_cast<int>(after - line_starts_.begin()), static_cast<int>(column)};
    }

    [[nodiscard]] position at(const YAML::Mark& mark) const { return at(offset(mark)); }

    // True if the indentation of the line of `offset` has a tab.
    [[nodiscard]] bool is_tab_indented(std::size_t offset) const {
        const std::size_t start = *(std::upper_bound(line_starts_.begin(), line_starts_.end(), offset) - 1);
        const std::string_view line = text_.substr(start); // and those after it
        return line.substr(0, line.find_first_not_of(" \t")).find('\t') != std::string_view::npos;
    }

    // True unless the quote that begins at `mark` is never closed. yaml-cpp accepts the end of the file as a
    // closing quote, and then the rest of the file would silently be part of the text.
    [[nodiscard]] bool is_closed_quote(const YAML::Mark& mark) const {
        std::size_t i = offset(mark);
        while (i < text_.size() && (text_[i] == '!' || text_[i] == '&')) { // skip a tag and an anchor
            i = std::min(text_.find_first_of(" \t\r\n", i), text_.size());
            i = std::min(text_.find_first_not_of(" \t\r\n", i), text_.size());
        }
        if (i == text_.size() || (text_[i] != '\'' && text_[i] != '"'))
            return true; // a block scalar
        const char quote = text_[i];
        for (++i; i < text_.size(); ++i) {
            if (quote == '"' && text_[i] == '\\')
                ++i;
            else if (text_[i] == quote && (quote == '"' || i + 1 == text_.size() || text_[i + 1] != quote))
                return true;
            else if (text_[i] == quote)
                ++i; // '' is an escaped quote
        }
        return false;
    }

private:
    std::string_view text_;
    std::vector<std::size_t> line_starts_;
    // For each byte the number of characters before it. Counting anew for every node would take quadratic
    // time for a long line.
    std::vector<std::uint32_t> characters_before_;
};

// Thrown by the event handler to stop the parser; caught in parse_yaml().
struct stop {
    problem why;
};

problem make_problem(position at, std::string message) {
    return {at.line, at.column, std::move(message)};
}

// Builds the tree from the parser's events. `open_` has the sequences and maps that have begun and not ended.
class tree_builder : public YAML::EventHandler {
public:
    explicit tree_builder(const source& text) : text_(text) {}

    yaml_outcome take() { return {std::move(root_), std::move(problems_)}; }

    // The mark of the last scalar if it is quoted. Only that one may be a quote that is not closed.
    [[nodiscard]] const std::optional<YAML::Mark>& last_quoted() const { return last_quoted_; }

    void OnDocumentStart(const YAML::Mark& mark) override {
        if (std::exchange(started_, true))
            throw stop{make_problem(text_.at(mark), "expected one YAML document, another one starts here")};
    }

    void OnDocumentEnd() override {}

    void OnNull(const YAML::Mark& mark, YAML::anchor_t anchor) override {
        attach(start(yaml_node::kind::null, mark), anchor);
    }

    void OnAlias(const YAML::Mark& mark, YAML::anchor_t anchor) override {
        const auto found = anchors_.find(anchor);
        if (found != anchors_.end())
            return attach(found->second, YAML::NullAnchor);
        // The anchor's sequence or map has not ended, so it would contain itself.
        problems_.push_back(
            make_problem(text_.at(mark), "an alias inside what it stands for is not allowed"));
        OnNull(mark, YAML::NullAnchor);
    }

    void OnScalar(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                  const std::string& value) override {
        check_tag(mark, tag, "str");
        const auto made = start(yaml_node::kind::scalar, mark);
        made->text = value;
        made->is_quoted = tag != "?"; // yaml-cpp gives plain scalars the tag "?"
        last_quoted_ = made->is_quoted ? std::optional(mark) : std::nullopt;
        attach(made, anchor);
    }

    void OnSequenceStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                         YAML::EmitterStyle::value) override {
        check_tag(mark, tag, "seq");
        open(yaml_node::kind::sequence, mark, anchor);
    }

    void OnMapStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                    YAML::EmitterStyle::value) override {
        check_tag(mark, tag, "map");
        open(yaml_node::kind::map, mark, anchor);
    }

    void OnSequenceEnd() override { close(); }
    void OnMapEnd() override { close(); }

private:
    struct frame {
        std::shared_ptr<yaml_node> node;
        YAML::anchor_t anchor = YAML::NullAnchor;
        yaml_pointer key; // of a map: a key whose value has not been read yet
    };

    [[nodiscard]] std::shared_ptr<yaml_node> start(yaml_node::kind what, const YAML::Mark& mark) const {
        auto made = std::make_shared<yaml_node>();
        made->what = what;
        made->at = text_.at(mark);
        return made;
    }

    // Reports tags. The message does not show them, since an unquoted password that starts with ! looks like
    // a tag.
    void check_tag(const YAML::Mark& mark, const std::string& tag, std::string_view plain) {
        if (tag.empty() || tag == "?" || tag == "!" || tag == fmt::format("tag:yaml.org,2002:{}", plain))
            return;
        problems_.push_back(
            make_problem(text_.at(mark), "YAML tags are not supported; quote text that starts with !"));
    }

    void open(yaml_node::kind what, const YAML::Mark& mark, YAML::anchor_t anchor) {
        // The parser recurses for each level, so this limit prevents a stack overflow.
        if (open_.size() == deepest_yaml)
            throw stop{
                make_problem(text_.at(mark), fmt::format("nested more than {} levels deep", deepest_yaml))};
        open_.push_back({start(what, mark), anchor, nullptr});
    }

    void close() {
        const frame done = std::move(open_.back());
        open_.pop_back();
        attach(done.node, done.anchor);
    }

    void attach(const yaml_pointer& made, YAML::anchor_t anchor) {
        if (anchor != YAML::NullAnchor)
            anchors_[anchor] = made;
        if (open_.empty()) {
            root_ = made;
            return;
        }
        frame& parent = open_.back();
        if (parent.node->what == yaml_node::kind::sequence) {
            parent.node->items.push_back(made);
        } else if (parent.key == nullptr) {
            parent.key = made;
        } else {
            add_member(*parent.node, *parent.key, made);
            parent.key = nullptr;
        }
    }

    void add_member(yaml_node& map, const yaml_node& key, const yaml_pointer& value) {
        if (key.what == yaml_node::kind::scalar)
            map.members.push_back({key.text, key.at, value});
        else
            problems_.push_back(make_problem(key.at, "expected a key that is text"));
    }

    const source& text_;
    bool started_ = false;
    yaml_pointer root_;
    std::vector<problem> problems_;
    std::vector<frame> open_;
    std::map<YAML::anchor_t, yaml_pointer> anchors_;
    std::optional<YAML::Mark> last_quoted_;
};

// Finds the first character that YAML does not allow, or ill-formed UTF-8. yaml-cpp does not check this; it
// even takes 0x04 as the end of the file.
std::optional<problem> find_bad_character(const source& text, std::string_view bytes) {
    const std::size_t valid = valid_utf8_prefix(bytes);
    for (std::size_t i = 0; i < valid; ++i) {
        const auto c = static_cast<unsigned char>(bytes[i]);
        const bool line_end = c == '\n' || (c == '\r' && i + 1 < bytes.size() && bytes[i + 1] == '\n');
        if ((c < 0x20 && c != '\t' && !line_end) || c == 0x7F)
            return make_problem(text.at(i), fmt::format("control character U+{:04X} is not allowed", c));
    }
    if (valid < bytes.size())
        return make_problem(text.at(valid), "not valid UTF-8");
    return std::nullopt;
}

// Clearer words for the parser's messages about usual mistakes.
std::string_view explain(std::string_view message) {
    if (message == YAML::ErrorMsg::END_OF_MAP)
        return "expected a key, indented like those above";
    if (message == YAML::ErrorMsg::END_OF_SEQ)
        return "expected \"- \", indented like those above";
    if (message == YAML::ErrorMsg::MAP_VALUE)
        return "a colon is not expected here; quote text that has one, and indent keys alike";
    if (message == YAML::ErrorMsg::UNKNOWN_ANCHOR)
        return "there is no such anchor; quote text that starts with *";
    if (message == YAML::ErrorMsg::UNKNOWN_TOKEN)
        return "unexpected character; quote text that starts with one of @ ` %";
    // After a colon the parser's message quotes the text, which may be a secret.
    return message.substr(0, message.find(": "));
}

problem syntax_problem(const source& text, const YAML::Exception& failure) {
    const position at = text.at(failure.mark);
    if (text.is_tab_indented(text.offset(failure.mark)))
        return make_problem(at, "not valid YAML: indent with spaces, not with tabs");
    return make_problem(at, fmt::format("not valid YAML: {}", explain(failure.msg)));
}

} // namespace

yaml_outcome parse_yaml(std::string_view bytes) {
    if (bytes.starts_with("\xEF\xBB\xBF"))
        bytes.remove_prefix(3); // byte order mark
    if (bytes.size() > largest_yaml)
        return {nullptr, {{0, 0, fmt::format("larger than {} KiB", largest_yaml / 1024)}}};

    const source text(bytes);
    if (auto bad = find_bad_character(text, bytes))
        return {nullptr, {std::move(*bad)}};

    tree_builder builder(text);
    std::optional<problem> fatal;
    try {
        // With a newline at the end, a quote that is not closed never makes the parser fail; it is always
        // found below.
        std::istringstream stream(std::string(bytes) + '\n');
        YAML::Parser parser(stream);
        // The builder throws at a second document, since for a text such as ",," the parser finds documents
        // without end.
        while (parser.HandleNextDocument(builder)) {
        }
    } catch (const stop& early) {
        fatal = early.why;
    } catch (const YAML::Exception& failure) {
        fatal = syntax_problem(text, failure);
    }

    const auto quote = builder.last_quoted();
    if (quote && !text.is_closed_quote(*quote)) // it is also the cause of any other error
        fatal = make_problem(text.at(*quote), "not valid YAML: the quote that starts here is never closed");

    yaml_outcome outcome = builder.take();
    if (fatal) {
        outcome.root = nullptr; // an incomplete document would only cause further, misleading mistakes
        outcome.problems.push_back(std::move(*fatal));
    }
    return outcome;
}

} // namespace replmond::config
