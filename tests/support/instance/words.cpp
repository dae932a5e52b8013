// SPDX-License-Identifier: GPL-3.0-or-later
#include "words.hpp"

#include <array>
#include <cmath>
#include <string_view>

namespace mastobak::instance {

Words::Words() {
    static constexpr std::array<std::string_view, 24> syllables{
        "ka", "ren", "to",  "mi",  "sul", "e", "vor", "ta", "ni", "lo",  "gra", "ste",
        "fi", "u",   "dan", "pro", "sh",  "i", "mer", "ol", "ba", "qui", "zen", "ye"};
    Random random(7);
    words_.reserve(20'000);
    for (std::size_t i = 0; i < 20'000; ++i) {
        std::string word;
        // Frequent words are short, as in real languages.
        const std::uint64_t count = 1 + random.below(i < 100 ? 2 : 4);
        for (std::uint64_t k = 0; k < count; ++k) word += syllables[random.below(syllables.size())];
        words_.push_back(std::move(word));
    }
}

const std::string& Words::word(Random& random) const {
    // The logarithm of the rank is uniform, which is close to Zipf's law.
    const double rank = std::pow(static_cast<double>(words_.size()), random.uniform());
    return words_[static_cast<std::size_t>(rank) - 1];
}

std::string Words::text(Random& random, std::uint64_t words) const {
    std::string text;
    for (std::uint64_t i = 0; i < words; ++i) {
        if (i > 0) text += random.below(12) == 0 ? ". " : " ";
        text += word(random);
    }
    return text;
}

}  // namespace mastobak::instance
