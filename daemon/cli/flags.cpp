// Flags that several commands take, and the words that their values may be.

#include "daemon/cli/flags.hpp"

#include "daemon/core/config/values.hpp"
#include "daemon/core/model/text.hpp"
#include "daemon/core/terminal/text.hpp"

namespace replmond::cli {

std::string refuse_empty(const std::string& value) {
    return value.empty() ? "expected a value that is not empty" : "";
}

std::string in_words(const std::vector<std::string>& choices) {
    std::string words;
    for (std::size_t i = 0; i < choices.size(); ++i) {
        if (i > 0)
            words += i + 1 == choices.size() ? " or " : ", ";
        words += choices[i];
    }
    return words;
}

std::string no_such_choice(const std::string& value, const std::vector<std::string>& choices) {
    return fmt::format("expected {}, got \"{}\"{}", in_words(choices), value, did_you_mean(value, choices));
}

std::string did_you_mean(std::string_view word, const std::vector<std::string>& known) {
    const std::vector<std::string_view> words(known.begin(), known.end());
    const std::string_view meant = closest_word(word, words);
    return meant.empty() ? "" : fmt::format("; did you mean {}?", terminal::shown(meant));
}

CLI::Option& add_list(CLI::App& to, const char* flag, const char* value_name, std::vector<std::string>& into,
                      std::string description) {
    return *to.add_option(flag, into, std::move(description))
                ->type_name(value_name)
                ->delimiter(',')
                ->allow_extra_args(false);
}

void add_duration(CLI::App& to, const char* flag, milliseconds& into, milliseconds longest,
                  const std::string& description) {
    static constexpr milliseconds shortest = std::chrono::seconds(1);
    to.add_option_function<std::string>(
          flag, [&into](const std::string& text) { into = *config::parse_duration(text); },
          description + " (default " + config::format_duration(into) + ")")
        ->type_name("<duration>")
        ->check([longest](const std::string& text) {
            const auto value = config::parse_duration(text);
            if (value && *value >= shortest && *value <= longest)
                return std::string();
            return "expected a duration such as 30s or 5m, 1s to " + config::format_duration(longest) +
                   ", got \"" + text + '"';
        });
}

bool takes_value(const CLI::Option& option) {
    return option.get_type_size() != 0 && option.get_expected_max() != 0;
}

const choices_of<severity>& level_words() {
    static const choices_of<severity> words = {{"debug", severity::debug},
                                               {"info", severity::info},
                                               {"warn", severity::warn},
                                               {"error", severity::error}};
    return words;
}

const choices_of<web::log_format>& format_words() {
    static const choices_of<web::log_format> words = {{"logfmt", web::log_format::logfmt},
                                                      {"json", web::log_format::json}};
    return words;
}

void add_common(CLI::App& to, common_arguments& into) {
    to.get_help_ptr()->description("Print this help")->group(common_group);
    to.add_option("--config.file", into.config_file, "The configuration")
        ->type_name("<file>")
        ->capture_default_str()
        ->group(common_group);
    add_choice(to, "--log.level", "<level>", into.log_level, level_words(), "Lowest level that is logged")
        .group(common_group);
    add_choice(to, "--log.format", "<format>", into.log_format, format_words(), "Format of log lines")
        .group(common_group);
}

} // namespace replmond::cli
