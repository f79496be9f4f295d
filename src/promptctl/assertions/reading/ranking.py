"""How good an order is: the measures of information retrieval over one ranked list.

Sources: E. M. Voorhees, "The TREC-8 Question Answering Track Report", 1999 (reciprocal rank); trec_eval 9,
m_map.c (average precision); K. Jarvelin, J. Kekalainen, "Cumulated gain-based evaluation of IR techniques", ACM TOIS
20(4), 2002 (nDCG).
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence


def reciprocal_rank(relevant: Sequence[bool]) -> float:
    """1 / the place, from 1, of the first relevant passage; 0 where none is. Its mean over questions is MRR."""
    return next((1 / place for place, is_so in enumerate(relevant, 1) if is_so), 0.0)


def average_precision(found: Sequence[int], wanted: int) -> float:
    """The precision at the place of each relevant passage, added up and divided by `wanted`; in 0..1.

    found: how many wanted passages each place brings (0 or 1, more where a passage holds several). wanted: what
    trec_eval divides by is the number of all relevant passages, retrieved or not; ragas and DeepEval ("context
    precision") divide by the number of relevant passages among the retrieved. 0 where `wanted` is.
    """
    total, relevant = 0.0, 0
    for place, count in enumerate(found, 1):
        if count:
            relevant += 1
            total += count * relevant / place
    return total / wanted if wanted else 0.0


def ndcg(gains: Sequence[float], ideal: Iterable[float], k: int | None) -> float:
    """The discounted cumulated gain of an order divided by the best there is; in 0..1.

    gains: the relevance at each place, cut at k. ideal: the relevance of every expected passage, in any order; the best
    order of its first k is what is divided by. The gain is linear, as in the paper, trec_eval and scikit-learn; the discount
    is log2(place + 1), as in trec_eval and scikit-learn (the paper's leaves place 2 undiscounted too).
    """
    best = _dcg(sorted(ideal, reverse=True)[:k])
    return min(1.0, _dcg(gains) / best) if best else 0.0


def _dcg(gains: Iterable[float]) -> float:
    return sum(gain / math.log2(place + 1) for place, gain in enumerate(gains, 1))
