#pragma once

#include <string>

namespace replmond::config {

enum class page_language { english, chinese };

/// docs/configuration.md or docs/zh-CN/configuration.md, whole: every key that the tables of keys have. A
/// test holds the files to it.
std::string configuration_page(page_language language);

/// The example at the top of the page: a whole configuration.
std::string configuration_example(page_language language);

} // namespace replmond::config
