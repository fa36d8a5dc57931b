// A page of the list, and what is done with it: no input may crash, hang or break an invariant.
#include "daemon/core/cloud/task_page.hpp"
#include "daemon/core/model/instance.hpp"
#include "daemon/core/tracking/reading.hpp"
#include "daemon/core/tracking/tracker.hpp"
#include "daemon/core/web/log_line.hpp"

#include <boost/json/parse.hpp>

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

using namespace replmond;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const auto page = cloud::decode_page({reinterpret_cast<const char*>(data), size});
    if (!page)
        return 0;
    if (page->tasks.size() + page->unusable != page->records)
        std::abort();

    tracking::list_reading progress({}, {}, 100);
    for (int i = 0; i < 10 && progress.add(*page) == tracking::list_reading::step::read_on; ++i) {
    }
    instance_state state;
    tracking::tracker tracking{std::chrono::hours(1)};
    for (const event& e : tracking.observe(state, progress.take_reading(), instant())) {
        const std::string line = web::to_logfmt(e);
        boost::system::error_code error;
        boost::json::parse(web::to_json(e), error);
        if (line.find('\n') != std::string::npos || error)
            std::abort();
    }
    return 0;
}
