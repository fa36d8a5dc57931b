#pragma once

#include <algorithm>
#include <cstddef>
#include <utility>
#include <vector>

namespace replmond::exposition {

/// The part from `offset` on of at most `most` items in an order, of any number that come one by one; no step
/// of it grows with their number. `Before` is a strict order in which no two are equal.
template<class Item, class Before>
class sorted_window {
public:
    sorted_window(std::size_t offset, std::size_t most, Before before)
        : offset_(offset), kept_(most > max - offset ? max : offset + most), before_(std::move(before)) {}

    void add(Item item) {
        ++total_;
        if (items_.size() == kept_) {
            if (kept_ == 0 || !before_(item, items_.front()))
                return;
            std::pop_heap(items_.begin(), items_.end(), before_);
            items_.back() = std::move(item);
        } else {
            items_.push_back(std::move(item));
        }
        std::push_heap(items_.begin(), items_.end(), before_);
    }

    /// Puts `count` more in their place, from the last to the first; true once all are. No add() behind it.
    bool sort(std::size_t count) {
        if (!sorting_)
            heap_ = items_.size();
        sorting_ = true;
        for (; count > 0 && heap_ > first(); --count, --heap_)
            std::pop_heap(items_.begin(), items_.begin() + static_cast<std::ptrdiff_t>(heap_), before_);
        return heap_ <= first();
    }

    std::size_t total() const { return total_; } ///< of all that came
    std::size_t size() const { return items_.size() - first(); }
    const Item& operator[](std::size_t place) const { return items_[first() + place]; }
    std::size_t bytes() const { return items_.capacity() * sizeof(Item); }

private:
    static constexpr std::size_t max = static_cast<std::size_t>(-1);

    std::size_t first() const { return std::min(offset_, items_.size()); }

    std::size_t offset_;
    std::size_t kept_;
    Before before_;
    std::vector<Item> items_; ///< a heap up to `heap_`, the last on top; behind it what is in its place
    std::size_t heap_ = 0;
    std::size_t total_ = 0;
    bool sorting_ = false;
};

} // namespace replmond::exposition
