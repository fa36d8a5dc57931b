// docs/configuration.md and docs/zh-CN/configuration.md, made from the tables of keys.
#include "tests/core/config/configuration_page.hpp"

#include "daemon/core/config/keys.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <iterator>
#include <vector>

namespace replmond::config {

namespace {

// The hand-written parts. {0} is the example.
constexpr std::string_view english_head = R"(# Configuration

<!-- Generated from the tables of keys (daemon/core/config/keys.cpp) by the test ConfigurationFiles: change those, not this page. -->

replmond reads one YAML file, `/etc/replmond/replmond.yaml` or what `--config.file` names. This page has every key.
[config/replmond.yaml](../config/replmond.yaml) explains the same keys in a file that you can begin with.

```yaml
{0}```

`replmond check-config FILE` prints every mistake with its line and column. These are mistakes: an unknown key, a key or a name that comes
twice, a value of another type or out of its range, a file or variable that is missing. At a reload a file with a mistake is refused whole,
and the old configuration goes on.

- **duration**: whole numbers with the units `d`, `h`, `m`, `s` and `ms`, the largest first: `500ms`, `30s`, `1h30m`, `30d`.
- **secret**: the key `x` takes the secret itself, `x_file` a file, `x_env` the name of an environment variable. Exactly one of the three is given.
  A relative `x_file` is looked for in `$CREDENTIALS_DIRECTORY` first, then beside the configuration file. One newline at the end is dropped.
- **path**: a relative path starts beside the configuration file.
- **labels**: names of letters, digits and `_` that start neither with a digit nor with `__`. Taken are {1}.
- A section without a value, such as `poll:`, counts as left out where the table says so.

Editors with a YAML language server complete and check the file when its first line is this one. Packages install the schema there;
the repository has it beside the example, as [config/replmond.schema.json](../config/replmond.schema.json).

```yaml
# yaml-language-server: $schema=/usr/share/replmond/replmond.schema.json
```
)";

constexpr std::string_view chinese_head = R"(# 配置

<!-- 由测试 ConfigurationFiles 根据配置项表（daemon/core/config/keys.cpp）生成：请修改该表，不要修改本页。 -->

replmond 读取一个 YAML 文件：默认为 `/etc/replmond/replmond.yaml`，可用 `--config.file` 指定。本页列出所有配置项。
[config/replmond.yaml](../../config/replmond.yaml) 是带英文注释的示例，可以直接在其上修改。

```yaml
{0}```

`replmond check-config FILE` 列出所有错误及其行号和列号。以下都是错误：未知的配置项、重复的配置项或名称、类型不符或超出范围的值、
缺失的文件或环境变量。重新加载时，只要有一处错误，整个文件都不生效，继续使用原来的配置。

- **时长**：整数加单位 `d`、`h`、`m`、`s`、`ms`，单位从大到小：`500ms`、`30s`、`1h30m`、`30d`。
- **密钥**：`x` 直接写密钥，`x_file` 写文件路径，`x_env` 写环境变量名，三者必须且只能写一个。
  相对路径的 `x_file` 先在 `$CREDENTIALS_DIRECTORY` 中查找，再在配置文件所在目录中查找。文件末尾的一个换行符会被去掉。
- **路径**：相对路径以配置文件所在目录为起点。
- **标签**：名称由字母、数字和 `_` 组成，不能以数字或 `__` 开头。已被占用的名称：{1}。
- 只写名称不写值的段（如 `poll:`），在表中注明可为空时视为未配置。

如果编辑器支持 YAML 语言服务器，把下面这行放在文件第一行，即可补全和检查配置。软件包把 schema 安装在这个位置；
代码仓库中的 schema 与示例放在一起：[config/replmond.schema.json](../../config/replmond.schema.json)。

```yaml
# yaml-language-server: $schema=/usr/share/replmond/replmond.schema.json
```
)";

constexpr std::string_view english_example = R"(poll:
  interval: 60s
state:
  path: /var/lib/replmond/state.db    # events and ages survive a restart
projects:
  - name: prod
    region: ap-southeast-3
    auth:
      type: aksk
      access_key_file: ak             # files beside this one, one line each
      secret_key_file: sk
    discover:                         # also poll every StarRocks instance of the project
      include: "^prod-"
instances:
  - name: orders
    id: 0123456789abcdef0123456789abcdefin17
    interval: 15s                     # more often than the others
    labels: {team: payments}
)";

constexpr std::string_view chinese_example = R"(poll:
  interval: 60s
state:
  path: /var/lib/replmond/state.db    # 事件和状态持续时间在重启后保留
projects:
  - name: prod
    region: cn-north-4
    language: zh-cn                   # 云服务的错误信息使用中文
    auth:
      type: aksk
      access_key_file: ak             # 与本文件同目录的文件，每个一行
      secret_key_file: sk
    discover:                         # 自动发现并轮询该项目的所有 StarRocks 实例
      include: "^prod-"
instances:
  - name: orders
    id: 0123456789abcdef0123456789abcdefin17
    interval: 15s                     # 比其他实例更频繁
    labels: {team: payments}
)";

// The sections in the order of the page. That of discovered instances is `lag` but for its host.
std::vector<const key_section*> sections_of_page() {
    return {&root_keys(), &poll_keys(),      &alert_keys(),    &state_keys(), &project_keys(),
            &auth_keys(), &discovery_keys(), &instance_keys(), &lag_keys(),   &lag_source_keys()};
}

class page_writer {
public:
    explicit page_writer(page_language language) : is_english_(language == page_language::english) {}

    std::string whole() {
        std::string labels;
        for (const std::string_view label : value_limits::taken_labels)
            labels += fmt::format("{}`{}`", labels.empty() ? "" : pick(", ", "、"), label);
        text_ = fmt::format(fmt::runtime(pick(english_head, chinese_head)),
                            pick(english_example, chinese_example), labels);
        for (const key_section* section : sections_of_page())
            append_section(*section);
        return std::move(text_);
    }

private:
    [[nodiscard]] std::string_view pick(std::string_view english, std::string_view chinese) const {
        return is_english_ ? english : chinese;
    }
    [[nodiscard]] std::string_view pick(const key_text& text) const {
        return pick(text.english, text.chinese);
    }

    void append_section(const key_section& section) {
        const bool is_auth = &section == &auth_keys();
        const auto out = std::back_inserter(text_);
        if (section.path().empty())
            fmt::format_to(out, "\n## {}\n\n", pick("The whole file", "整个文件"));
        else
            fmt::format_to(out, "\n## {}\n\n", section.path());
        if (&section == &lag_keys())
            fmt::format_to(
                out, "{}\n\n",
                pick(
                    "`projects[].discover.lag` takes the same keys. Its `host` may be left out: then it is "
                    "the address that the cloud lists.\n[lag.md](lag.md) sets it up step by step.",
                    "`projects[].discover.lag` 的配置项相同，但 `host` 可省略，省略时使用云服务列出的地址。\n"
                    "配置步骤见 [lag.md](../lag.md)。"));
        if (is_auth)
            fmt::format_to(
                out, "{}\n\n",
                pick("[credentials.md](credentials.md) says how each kind is renewed, and what happens when "
                     "the cloud refuses it.",
                     "各种凭证如何续期、被拒绝后如何处理，见 [credentials.md](../credentials.md)。"));
        fmt::format_to(out, "| {} | {}{} | {} | {} | {} | {} |\n| --- | {}--- | --- | --- | --- | --- |\n",
                       pick("key", "配置项"), is_auth ? "`type` | " : "", pick("value", "取值"),
                       pick("default", "默认值"), pick("example", "示例"), pick("since", "起始版本"),
                       pick("meaning", "说明"), is_auth ? "--- | " : "");
        for (const config_key& key : section.keys())
            append_row(key, is_auth);
    }

    void append_row(const config_key& key, bool is_auth) {
        const std::string example = key.example.empty() ? "" : fmt::format("`{}`", key.example);
        const std::string of_type = key.auth_type.empty() ? "" : fmt::format("`{}`", key.auth_type);
        fmt::format_to(std::back_inserter(text_), "| `{}` | {}{} | {} | {} | {} | {} |\n", key.name,
                       is_auth ? of_type + " | " : "", value_of(key), default_of(key), example, key.since,
                       pick(key.meaning));
    }

    [[nodiscard]] std::string default_of(const config_key& key) const {
        if (key.is_required)
            return std::string(pick("**required**", "**必填**"));
        if (!key.default_value.empty())
            return fmt::format("`{}`", key.default_value);
        return std::string(pick(key.otherwise));
    }

    [[nodiscard]] std::string value_of(const config_key& key) const {
        std::string text = described(key);
        if (key.may_be_empty)
            text += pick("; may be empty", "；可为空");
        return text;
    }

    // As in GitHub's anchors: the heading in lower case without punctuation.
    [[nodiscard]] static std::string link_to(const key_section& section) {
        const std::string_view path = &section == &discovered_lag_keys() ? lag_keys().path() : section.path();
        std::string anchor;
        std::copy_if(path.begin(), path.end(), std::back_inserter(anchor),
                     [](char c) { return std::isalnum(static_cast<unsigned char>(c)) != 0; });
        return fmt::format("[{}](#{})", path, anchor);
    }

    [[nodiscard]] std::string described(const config_key& key) const {
        switch (key.type) {
        case value_type::duration:
            return fmt::format("{}{}`{}` {} `{}`", pick("duration", "时长"), pick(", ", "，"), key.low,
                               pick("to", "至"), key.high);
        case value_type::integer:
            return fmt::format("{}{}{} {} {}", pick("integer", "整数"), pick(", ", "，"), key.low,
                               pick("to", "至"), key.high);
        case value_type::boolean:
            return fmt::format("`true`{}`false`", pick(" or ", " 或 "));
        case value_type::choice:
            return words_of(key);
        case value_type::name:
            return fmt::format(fmt::runtime(pick("text, 1 to {} bytes", "文本，1 至 {} 字节")),
                               value_limits::name);
        case value_type::word:
            return fmt::format(fmt::runtime(pick("1 to {} letters, digits, `-` and `_`",
                                                 "1 至 {} 个字母、数字、`-` 和 `_`")),
                               value_limits::word);
        case value_type::instance_id:
            return std::string(pick("36 letters and digits", "36 个字母和数字"));
        case value_type::origin:
            return "`https://host[:port]`";
        case value_type::proxy_url:
            return "`http://[user:password@]host[:port]`";
        case value_type::rate_limit:
            return fmt::format(fmt::runtime(pick("requests/duration: 1 to {} in `{}` to `{}`",
                                                 "请求数/时长：1 至 {} 个，`{}` 至 `{}`")),
                               value_limits::requests, value_limits::rate_window.low,
                               value_limits::rate_window.high);
        case value_type::pattern:
            return fmt::format(fmt::runtime(pick("regular expression (RE2), 1 to {} bytes",
                                                 "正则表达式（RE2），1 至 {} 字节")),
                               value_limits::pattern);
        case value_type::host:
            return std::string(pick("name or address", "域名或地址"));
        case value_type::table:
            return fmt::format(fmt::runtime(pick("`table` or `database.table`, names of 1 to {} bytes",
                                                 "`表` 或 `数据库.表`，名称 1 至 {} 字节")),
                               value_limits::identifier);
        case value_type::column:
            return fmt::format(fmt::runtime(pick("name, 1 to {} bytes", "名称，1 至 {} 字节")),
                               value_limits::identifier);
        case value_type::path:
            return std::string(pick("path", "路径"));
        case value_type::labels:
            return std::string(pick("map of labels", "标签映射"));
        case value_type::tables:
            return std::string(pick("map of tables by task name", "任务名到表的映射"));
        case value_type::secret:
            return fmt::format(fmt::runtime(pick("secret: `{}`, `{}`, `{}`", "密钥：`{}`、`{}`、`{}`")),
                               key.name, key.file_key, key.environment_key);
        case value_type::section:
            return fmt::format("{} {}", pick("section", "段"), link_to(*key.section));
        case value_type::sections:
            return fmt::format("{} {}", pick("list of", "列表"), link_to(*key.section));
        }
        return {};
    }

    [[nodiscard]] std::string words_of(const config_key& key) const {
        std::string text;
        for (const std::string_view word : key.words)
            text += fmt::format("{}`{}`", text.empty() ? "" : pick(", ", "、"), word);
        return text;
    }

    bool is_english_;
    std::string text_;
};

} // namespace

std::string configuration_page(page_language language) {
    return page_writer(language).whole();
}

std::string configuration_example(page_language language) {
    return std::string(language == page_language::english ? english_example : chinese_example);
}

} // namespace replmond::config
