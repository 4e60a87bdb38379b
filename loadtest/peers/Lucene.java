import java.io.BufferedReader;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.apache.lucene.analysis.standard.StandardAnalyzer;
import org.apache.lucene.document.Document;
import org.apache.lucene.document.Field;
import org.apache.lucene.document.FloatDocValuesField;
import org.apache.lucene.document.IntPoint;
import org.apache.lucene.document.SortedDocValuesField;
import org.apache.lucene.document.StoredField;
import org.apache.lucene.document.TextField;
import org.apache.lucene.index.DirectoryReader;
import org.apache.lucene.index.DocValues;
import org.apache.lucene.index.IndexWriter;
import org.apache.lucene.index.IndexWriterConfig;
import org.apache.lucene.index.LeafReaderContext;
import org.apache.lucene.index.SortedDocValues;
import org.apache.lucene.index.Term;
import org.apache.lucene.queries.function.FunctionScoreQuery;
import org.apache.lucene.search.BooleanClause.Occur;
import org.apache.lucene.search.BooleanQuery;
import org.apache.lucene.search.BoostQuery;
import org.apache.lucene.search.DisjunctionMaxQuery;
import org.apache.lucene.search.DoubleValuesSource;
import org.apache.lucene.search.IndexSearcher;
import org.apache.lucene.search.MultiCollector;
import org.apache.lucene.search.Query;
import org.apache.lucene.search.ScoreMode;
import org.apache.lucene.search.SimpleCollector;
import org.apache.lucene.search.TermQuery;
import org.apache.lucene.search.TopScoreDocCollector;
import org.apache.lucene.store.MMapDirectory;
import org.apache.lucene.util.BytesRef;

/**
 * The searches of a shop in Lucene, in one process and counted in processor time.
 *
 * <p>{@code java -cp ANSERINI-fatjar.jar loadtest/peers/Lucene.java CATALOGUE.jsonl QUERIES.tsv [SECONDS]}, where the jar is the one inside PyPI's
 * pyserini 0.24.0. CATALOGUE and QUERIES are what {@code loadtest generate --queries} writes. Four searches are timed, all for products that
 * hold all words: the ten best; the ten best with the exact total; the ten best by a score that the product's live prior multiplies, which rules out
 * skipping what cannot be among them; and the same among those cheaper than half of all, with the counts of brands, categories and colours.
 */
public final class Lucene {
    private static final int LIMIT = 10;
    private static final String[] FACETS = {"brand", "category", "colour"};
    private static final Map<String, Float> FIELDS = Map.of("title", 5f, "brand", 2f, "description", 1f);

    private record Searched(DirectoryReader reader, IndexSearcher searcher, int half) {}

    public static void main(String[] args) throws IOException {
        Path folder = Files.createTempDirectory("lucene");
        try (MMapDirectory directory = new MMapDirectory(folder)) {
            double began = processorSeconds();
            int half = build(directory, Path.of(args[0]));
            System.out.printf("built in %.0f s of processor time%n", processorSeconds() - began);
            DirectoryReader reader = DirectoryReader.open(directory);
            Searched searched = new Searched(reader, new IndexSearcher(reader), half);
            searched.searcher().setQueryCache(null);
            List<Query> queries = queries(Path.of(args[1]));
            long matches = 0;
            for (Query query : queries) matches += searched.searcher().count(query);
            System.out.printf("%d queries, %d matches each%n", queries.size(), matches / queries.size());
            double seconds = args.length > 2 ? Double.parseDouble(args[2]) : 10;
            time("plain, total not exact", queries, seconds, query -> searched.searcher().search(query, LIMIT));
            time("plain, exact total", queries, seconds, query -> exact(searched, query));
            time("plain, times a prior", queries, seconds, query -> exact(searched, timesPrior(query)));
            time("filter and facets", queries, seconds, query -> faceted(searched, query));
            reader.close();
        } finally {
            try (var files = Files.list(folder)) {
                for (Path file : files.toList()) Files.delete(file);
            }
            Files.delete(folder);
        }
    }

    private static int build(MMapDirectory directory, Path catalogue) throws IOException {
        List<Integer> prices = new ArrayList<>();
        Random random = new Random(2);
        try (IndexWriter writer = new IndexWriter(directory, new IndexWriterConfig(new StandardAnalyzer()));
                BufferedReader lines = Files.newBufferedReader(catalogue)) {
            for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                Document document = new Document();
                document.add(new StoredField("id", text(line, "\"id\":\"")));
                for (String field : FIELDS.keySet()) document.add(new TextField(field, text(line, "\"" + field + "\":\""), Field.Store.NO));
                document.add(new SortedDocValuesField("brand", new BytesRef(text(line, "\"brand\":\""))));
                document.add(new SortedDocValuesField("category", new BytesRef(text(line, "\"categories\":[["))));
                document.add(new SortedDocValuesField("colour", new BytesRef(text(line, "\"colour\":\""))));
                int price = Integer.parseInt(text(line, "\"amount_minor\":"));
                document.add(new IntPoint("price", price));
                document.add(new FloatDocValuesField("prior", 0.5f + 1.5f * random.nextFloat()));
                prices.add(price);
                writer.addDocument(document);
            }
            writer.forceMerge(1);
        }
        Collections.sort(prices);
        return prices.get(prices.size() / 2);
    }

    /** What stands behind {@code key}, up to what ends it: the generator writes keys once and escapes nothing. */
    private static String text(String line, String key) {
        int from = line.indexOf(key) + key.length();
        int to = from;
        char end = key.endsWith("\"") ? '"' : key.endsWith("[") ? ']' : ',';
        while (line.charAt(to) != end && line.charAt(to) != '}') to++;
        return line.substring(from, to);
    }

    private static List<Query> queries(Path path) throws IOException {
        List<Query> queries = new ArrayList<>();
        for (String line : Files.readAllLines(path)) {
            BooleanQuery.Builder all = new BooleanQuery.Builder();
            for (String word : line.substring(line.indexOf('\t') + 1).toLowerCase().split("\\s+")) {
                List<Query> anywhere = new ArrayList<>();
                FIELDS.forEach((field, boost) -> anywhere.add(new BoostQuery(new TermQuery(new Term(field, word)), boost)));
                all.add(new DisjunctionMaxQuery(anywhere, 0), Occur.MUST);
            }
            queries.add(all.build());
        }
        Collections.shuffle(queries, new Random(1));
        return queries;
    }

    private static void exact(Searched searched, Query query) throws IOException {
        TopScoreDocCollector top = TopScoreDocCollector.create(LIMIT, Integer.MAX_VALUE);
        searched.searcher().search(query, top);
    }

    private static Query timesPrior(Query query) {
        return FunctionScoreQuery.boostByValue(query, DoubleValuesSource.fromFloatField("prior"));
    }

    private static void faceted(Searched searched, Query query) throws IOException {
        TopScoreDocCollector top = TopScoreDocCollector.create(LIMIT, Integer.MAX_VALUE);
        Query cheap = IntPoint.newRangeQuery("price", 0, searched.half());
        Query both = new BooleanQuery.Builder().add(query, Occur.MUST).add(cheap, Occur.FILTER).build();
        searched.searcher().search(timesPrior(both), MultiCollector.wrap(top, new Facets(searched.reader())));
    }

    /** Counts by number of the value; the index has one segment. */
    private static final class Facets extends SimpleCollector {
        private final SortedDocValues[] values = new SortedDocValues[FACETS.length];
        private final int[][] counts = new int[FACETS.length][];

        Facets(DirectoryReader reader) throws IOException {
            LeafReaderContext leaf = reader.leaves().get(0);
            for (int facet = 0; facet < FACETS.length; facet++) {
                counts[facet] = new int[DocValues.getSorted(leaf.reader(), FACETS[facet]).getValueCount()];
            }
        }

        @Override
        protected void doSetNextReader(LeafReaderContext leaf) throws IOException {
            for (int facet = 0; facet < FACETS.length; facet++) values[facet] = DocValues.getSorted(leaf.reader(), FACETS[facet]);
        }

        @Override
        public void collect(int document) throws IOException {
            for (int facet = 0; facet < FACETS.length; facet++) {
                if (values[facet].advanceExact(document)) counts[facet][values[facet].ordValue()]++;
            }
        }

        @Override
        public ScoreMode scoreMode() {
            return ScoreMode.COMPLETE_NO_SCORES;
        }
    }

    private interface Ask {
        void of(Query query) throws IOException;
    }

    private static void time(String name, List<Query> queries, double seconds, Ask ask) throws IOException {
        // The compiler of the virtual machine needs a while to see what matters.
        run(queries, seconds / 2, ask);
        System.out.printf("%-24s %8.0f searches a second of processor time%n", name, run(queries, seconds, ask));
    }

    private static double run(List<Query> queries, double seconds, Ask ask) throws IOException {
        double began = processorSeconds();
        long asked = 0;
        while (processorSeconds() - began < seconds) {
            for (Query query : queries) ask.of(query);
            asked += queries.size();
        }
        return asked / (processorSeconds() - began);
    }

    private static double processorSeconds() {
        return ManagementFactory.getPlatformMXBean(com.sun.management.OperatingSystemMXBean.class).getProcessCpuTime() / 1e9;
    }
}
