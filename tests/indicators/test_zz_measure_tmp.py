import time, pytest, statistics
from django.db import connection
from tests.factories.api import caller
from tests.factories.cast import Cast
from tests.factories.indicators import indicator
from tests.indicators.test_api_uploads import _sent, LINES
from handover.access import asking
from handover.models.guard import writing
import json, datetime as dt
pytestmark = pytest.mark.django_db

def rows(of, n, first):
    start = dt.date(1990,1,1)
    for i in range(n):
        k=first+i
        d = start + dt.timedelta(days=k%4000)
        g = ["women","men","girls","boys"][(k//4000)%4]; a=f"a{k//16000}"
        yield str(of.uuid), str(d), str(d), g, a, str(k)

def test_measure(cast, programme):
    ofs=[indicator(programme, by=cast.giver, title=f"I{i}") for i in range(3)]
    there=caller(cast.giver)
    N=10000
    for r in range(3):
        of=ofs[r]
        csvb="indicator,start,end,gender,age,value\n"+"".join(",".join(x)+"\n" for x in rows(of,N,0))
        jl="".join(json.dumps(dict(zip(("indicator","start","end","gender","age","value"),x)))+"\n" for x in rows(of,N,N))
        t=time.perf_counter(); a=_sent(there, programme, csvb); tc=time.perf_counter()-t; assert a["entered"]==N, a
        t=time.perf_counter(); a=_sent(there, programme, jl, kind=LINES); tj=time.perf_counter()-t; assert a["entered"]==N
        t=time.perf_counter(); a=_sent(there, programme, csvb); ts=time.perf_counter()-t; assert a["same"]==N
        # COPY of the same rows into the indexed table
        with asking(cast.giver), connection.cursor() as c:
            c.execute("SELECT * FROM indicators_value WHERE indicator_id=%s ORDER BY id LIMIT %s",[of.pk,N])
            cols=[d.name for d in c.description]; data=c.fetchall()
        ids=[i for i,n in enumerate(cols) if n!="id"]
        names=", ".join(f'"{cols[i]}"' for i in ids)
        import uuid
        iu=cols.index("uuid"); ir=cols.index("revision"); ire=cols.index("reason")
        data=[[ (uuid.uuid4() if i==iu else (2 if i==ir else ("x" if i==ire else row[i]))) for i in ids] for row in data]
        from psycopg.types.json import Jsonb
        data=[[Jsonb(v) if isinstance(v,(list,dict)) else v for v in row] for row in data]
        with asking(cast.giver), writing(), connection.cursor() as c:
            from django.db import transaction
            c.execute("DROP TABLE IF EXISTS pg_temp.like_values")
            c.execute("CREATE TEMP TABLE like_values (LIKE indicators_value INCLUDING ALL)")
            t=time.perf_counter()
            with c.copy(f"COPY like_values ({names}) FROM STDIN") as cp:
                for row in data: cp.write_row(row)
            tp=time.perf_counter()-t
            c.execute("DELETE FROM indicators_value WHERE revision=2") if False else None
        print(f"\nround {r}: csv {tc:.3f}s ndjson {tj:.3f}s same-again {ts:.3f}s COPY {tp:.3f}s ratio {tc/tp:.2f} / {tj/tp:.2f}")
