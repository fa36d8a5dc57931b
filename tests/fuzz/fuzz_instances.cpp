// The lists that discovery reads, and what is done with them: no input may crash, hang or break an invariant.
#include "daemon/cloud/htap_answer.hpp"
#include "daemon/cloud/instances_answer.hpp"
#include "daemon/monitor/discovery_book.hpp"
#include "daemon/monitor/listing.hpp"
#include "daemon/monitor/unique_names.hpp"

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <set>
#include <string_view>

using namespace replmond;

namespace {

void require(bool holds) {
    if (!holds)
        std::abort();
}

// The same page again and again, and the same HTAP list for all: a listing ends, whatever they say.
void follow(const cloud::instances_page& page, const cloud::htap_list& list) {
    using step = monitor::listing_progress::step;
    monitor::listing_progress progress({});
    step next = step::read_page;
    std::size_t calls = 0;
    while (next == step::read_page || next == step::ask_htap) {
        require(++calls <= 4 * monitor::max_records);
        next = next == step::read_page ? progress.add(page) : progress.add(list);
    }
    if (next != step::done)
        return;

    monitor::discovery_book book(config::discovery_settings{});
    monitor::unique_names names;
    std::set<std::string> given;
    for (const auto& added : book.take(progress.take_listing()).added)
        require(given.insert(*names.add({"p", added.id}, added.name)).second);
}

} // namespace

// The first byte says which of the two the rest is.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size == 0)
        return 0;
    const std::string_view body(reinterpret_cast<const char*>(data) + 1, size - 1);
    cloud::instances_page page;
    page.instances.push_back({"0123456789abcdef0123456789abcdefin07", "shop", "ACTIVE"});
    page.records = 1;
    page.total_count = 1;
    cloud::htap_list list;
    if (data[0] % 2 == 0) {
        auto read = cloud::decode_instances(body);
        if (!read)
            return 0;
        page = std::move(*read);
        require(page.instances.size() + page.unusable == page.records);
    } else {
        auto read = cloud::decode_htap(body);
        if (!read)
            return 0;
        list = std::move(*read);
        require(list.starrocks.size() + list.unusable <= list.records);
    }
    follow(page, list);
    return 0;
}
