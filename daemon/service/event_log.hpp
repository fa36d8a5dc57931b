#pragma once

#include "daemon/core/model/event.hpp"
#include "daemon/core/web/log_line.hpp"

#include <spdlog/sinks/sink.h>

#include <memory>

namespace spdlog {
class logger;
}

namespace replmond::service {

struct log_settings {
    web::log_format format = web::log_format::logfmt;
    severity least = severity::info; ///< lines below are dropped
    bool journal_prefix = false;     ///< `<N>` before each line: systemd-journald reads the priority from it
};

/// True if stdout is a stream of the journal: $JOURNAL_STREAM has the device and inode of descriptor 1
/// (systemd.exec(5)).
bool stdout_is_journal();

/// Prints events, one line each, in order and at once. For one thread only.
class event_log {
public:
    /// `sink`: receives the lines.
    event_log(log_settings settings, spdlog::sink_ptr sink);
    ~event_log();

    void write(const event& e);

private:
    log_settings settings_;
    std::unique_ptr<spdlog::logger> logger_;
};

/// The sink for stdout. It is synchronous, because an asynchronous one may drop alerts.
spdlog::sink_ptr stdout_sink();

} // namespace replmond::service
