// Prints events on stdout: as logfmt, as JSON, or with the priority prefix for systemd's journal.

#include "daemon/service/event_log.hpp"

#include <fmt/format.h>
#include <spdlog/logger.h>
#include <spdlog/sinks/stdout_sinks.h>

#include <cstdlib>
#include <string>
#include <sys/stat.h>

namespace replmond::service {

namespace {

// The numbers of SD_DEBUG, SD_INFO, SD_WARNING and SD_ERR in sd-daemon(3).
int syslog_priority(severity level) {
    switch (level) {
    case severity::debug:
        return 7;
    case severity::info:
        return 6;
    case severity::warn:
        return 4;
    case severity::error:
        break;
    }
    return 3;
}

spdlog::level::level_enum level_of(severity level) {
    switch (level) {
    case severity::debug:
        return spdlog::level::debug;
    case severity::info:
        return spdlog::level::info;
    case severity::warn:
        return spdlog::level::warn;
    case severity::error:
        break;
    }
    return spdlog::level::err;
}

} // namespace

bool stdout_is_journal() {
    const char* stream = std::getenv("JOURNAL_STREAM");
    struct stat opened {};
    if (stream == nullptr || fstat(1, &opened) != 0)
        return false;
    return fmt::format("{}:{}", opened.st_dev, opened.st_ino) == stream;
}

event_log::event_log(log_settings settings, spdlog::sink_ptr sink)
    : settings_(settings), logger_(std::make_unique<spdlog::logger>("events", std::move(sink))) {
    logger_->set_pattern("%v");
    logger_->set_level(level_of(settings_.least));
    logger_->flush_on(spdlog::level::debug);
}

event_log::~event_log() = default;

void event_log::write(const event& e) {
    std::string line;
    if (settings_.journal_prefix)
        line = fmt::format("<{}>", syslog_priority(e.level));
    line += web::to_line(e, settings_.format);
    logger_->log(level_of(e.level), spdlog::string_view_t(line.data(), line.size()));
}

spdlog::sink_ptr stdout_sink() {
    return std::make_shared<spdlog::sinks::stdout_sink_st>();
}

} // namespace replmond::service
